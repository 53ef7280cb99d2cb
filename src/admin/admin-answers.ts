import type { IncomingMessage } from 'node:http';
import { checkHealth, hasStarted } from './health-checks.ts';
import { SERIES } from './history.ts';
import type { AdminOptions } from './start-admin.ts';
import { readPageFiles } from './page-files.ts';
import { type About, createStatusDocument } from './status-document.ts';
import { HISTORY_MS, SAMPLE_INTERVAL_MS, type TelemetryWatch } from './telemetry-watch.ts';

/** What is sent for one path. */
export interface AdminAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Buffer;
}

export type Responder = (request: IncomingMessage) => AdminAnswer | Promise<AdminAnswer>;

export interface AnswerParts extends About, Pick<AdminOptions, 'metricsText'> {
  readonly watch: TelemetryWatch;
}

/** Everything that the admin listener answers, by path. */
export function createAnswers(parts: AnswerParts): ReadonlyMap<string, Responder> {
  const files = [...readPageFiles()].map(([path, file]): [string, Responder] => [
    path,
    () => ({ status: 200, ...file }),
  ]);
  const { watch } = parts;
  return new Map<string, Responder>([
    ...files,
    ['/livez', () => json(200, { status: 'pass' })],
    ['/readyz', () => answerReadiness(watch)],
    ['/startupz', createStartup(watch)],
    [
      '/metrics',
      async ({ headers }) => ({
        status: 200,
        ...(await parts.metricsText(headers.accept)),
      }),
    ],
    ['/status.json', async () => json(200, createStatusDocument(await watch.gatherEvidence(), parts))],
    ['/history.json', (request) => answerHistory(request, watch)],
  ]);
}

async function answerReadiness(watch: TelemetryWatch): Promise<AdminAnswer> {
  const health = checkHealth(await watch.snapshot());
  return json(health.status === 'fail' ? 503 : 200, health);
}

/** What has started once has started for good. */
function createStartup(watch: TelemetryWatch): Responder {
  let isStarted = false;
  return async () => {
    isStarted ||= hasStarted(await watch.snapshot());
    return json(isStarted ? 200 : 503, { status: isStarted ? 'pass' : 'fail' });
  };
}

/** Only what came after the last point that the client has, `?after=` its `at`. */
function answerHistory({ url = '' }: IncomingMessage, watch: TelemetryWatch): AdminAnswer {
  const after = Number(/[?&]after=(\d+(?:\.\d+)?)(?:&|$)/.exec(url)?.[1] ?? 0);
  const points = watch.pointsAfter(after);
  const columns = SERIES.map((name) => [name, points.map((point) => point[name])] as const);
  return json(200, {
    version: 1,
    interval_ms: SAMPLE_INTERVAL_MS,
    span_ms: HISTORY_MS,
    series: Object.fromEntries(columns),
  });
}

export function json(status: number, value: object): AdminAnswer {
  return { status, contentType: 'application/json', body: `${JSON.stringify(value)}\n` };
}
