import type { TelemetrySnapshot } from '../telemetry/telemetry-snapshot.ts';
import { describeTrouble } from './describe-trouble.ts';
import { countOf, formatDuration } from './phrases.ts';
import { takeSample } from './sample.ts';

/** `warn` is what the daemon serves on with, degraded. */
export type HealthStatus = 'pass' | 'warn' | 'fail';

export interface CheckResult {
  readonly name: CheckName;
  readonly status: HealthStatus;
  /** One sentence. */
  readonly text: string;
}

export interface Health {
  /** The worst of all checks. */
  readonly status: HealthStatus;
  readonly checks: readonly CheckResult[];
}

type Verdict = readonly [status: HealthStatus, text: string];

/** What readiness is made of. */
const CHECKS = {
  listening: ({ isListening }) =>
    isListening
      ? ['pass', 'The daemon listens for requests.']
      : ['fail', 'The daemon does not listen for requests.'],
  draining: ({ isDraining }) =>
    isDraining ? ['fail', 'The daemon is stopping.'] : ['pass', 'The daemon is not stopping.'],
  processes: ({ workers: { length } }) =>
    length === 0
      ? ['fail', 'No process serves.']
      : ['pass', `${countOf(length, 'process serves', 'processes serve')}.`],
  credentials: checkCredentials,
  expiry: checkExpiry,
  clock: ({ clockOffsetMs }) =>
    clockOffsetMs === 0
      ? ['pass', 'The clock has not been found wrong.']
      : [
          'warn',
          `The clock is ${formatDuration(Math.abs(clockOffsetMs))} ${clockOffsetMs > 0 ? 'behind' : 'ahead of'} S3's; requests are signed with S3's time.`,
        ],
  signer: (snapshot) => {
    const { signerMismatches } = takeSample(snapshot).gauges;
    return signerMismatches === 0
      ? ['pass', 'Both signers agree.']
      : ['warn', 'The fast signer and the reference signer disagree; the reference signs.'];
  },
} as const satisfies Readonly<Record<string, (snapshot: TelemetrySnapshot) => Verdict>>;

export type CheckName = keyof typeof CHECKS;

export const CHECK_NAMES = Object.keys(CHECKS) as readonly CheckName[];

/** Whether the daemon can serve: what `/readyz` answers. */
export function checkHealth(snapshot: TelemetrySnapshot): Health {
  const checks = CHECK_NAMES.map((name): CheckResult => {
    const [status, text] = CHECKS[name](snapshot);
    return { name, status, text };
  });
  const worst = (['fail', 'warn'] as const).find((status) => checks.some((check) => check.status === status));
  return { status: worst ?? 'pass', checks };
}

/** Whether the daemon was ever able to serve: it listens, and every source of credentials was asked once. */
export function hasStarted({ isListening, credentials }: TelemetrySnapshot): boolean {
  return isListening && credentials.every(({ refreshes, failures }) => refreshes + failures > 0);
}

/** Where one of several sources has none, the routes of the others are served. */
function checkCredentials({ credentials }: TelemetrySnapshot): Verdict {
  const without = credentials.filter(({ keyId }) => keyId === undefined);
  if (without.length === 0) return ['pass', 'There are credentials.'];
  return [
    without.length === credentials.length ? 'fail' : 'warn',
    `There are no credentials: ${without.map(describeTrouble).join('; ')}`,
  ];
}

function checkExpiry({ credentials }: TelemetrySnapshot): Verdict {
  const expired = credentials.filter(({ keyId, isDegraded }) => keyId !== undefined && isDegraded);
  if (expired.length === 0) return ['pass', 'No credentials are past their expiry.'];
  const sources = expired.map(({ source }) => source).join(', ');
  return ['warn', `The credentials from ${sources} are past their expiry; they are used all the same.`];
}
