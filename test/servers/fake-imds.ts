import type { IncomingMessage } from 'node:http';
import { createImdsResponder, type InstanceMetadata } from '../../src/demo/demo-imds.ts';
import { toTimestamp } from '../../src/demo/rotating-credentials.ts';
import { startFaultyServer, type Answer, type Fault, type FaultyServer } from './faulty-server.ts';

/** The four things a client asks for, in the order in which the AWS SDK asks; `other` is everything else. */
export type ImdsStep = 'token' | 'role' | 'credentials' | 'region' | 'other';

export type ImdsFault =
  | Fault
  /** A well-formed document with no keys in it: the instance could not assume its role. `code` is `Failed` unless given. */
  | { readonly kind: 'failed'; readonly code?: string }
  /** Credentials that expired `agoMs` ago, as instance metadata serves them while AWS extends their validity. */
  | { readonly kind: 'expired'; readonly agoMs: number };

export interface ImdsRequest {
  readonly method: string;
  readonly path: string;
  readonly step: ImdsStep;
  readonly hadToken: boolean;
}

export interface FakeImds extends Omit<FaultyServer<ImdsRequest>, 'origin'> {
  /** For `AWS_EC2_METADATA_SERVICE_ENDPOINT`. */
  readonly endpoint: string;
  /** How often the document with the keys was asked for, answered or not. */
  readonly credentialFetches: number;
  /** From the next request on; `undefined` takes the role away, as at boot before the instance profile is attached. */
  setRole(roleName: string | undefined): void;
  /** Spoils one step, or without `step` all of them, until `recover()`. A hung `token` is what a too small hop limit looks like. */
  inject(fault: ImdsFault, step?: ImdsStep): void;
  recover(): void;
}

const STEPS: readonly ImdsStep[] = ['token', 'role', 'credentials', 'region', 'other'];
const ROLE_LIST = '/latest/meta-data/iam/security-credentials';

/** EC2 instance metadata (version 2 only) whose faults are switched at run time. */
export async function startFakeImds(instance: InstanceMetadata): Promise<FakeImds> {
  const now = instance.now ?? Date.now;
  const faults = new Map<ImdsStep, ImdsFault>();
  let { roleName } = instance;
  const answer = createImdsResponder({
    get roleName() {
      return roleName;
    },
    get region() {
      return instance.region;
    },
    credentials: () => {
      const fault = faults.get('credentials');
      const issued = instance.credentials();
      return fault?.kind === 'expired' ? { ...issued, expiresAtMs: now() - fault.agoMs } : issued;
    },
    now,
  });
  const { origin, ...server } = await startFaultyServer((request) => {
    const seen = readRequest(request);
    return { seen, ...spoil(answer(request), faults.get(seen.step), now()) };
  });
  return {
    ...server,
    endpoint: origin,
    get credentialFetches() {
      return server.requests.filter(({ step }) => step === 'credentials').length;
    },
    setRole: (name) => {
      roleName = name;
    },
    inject: (fault, step) => {
      for (const each of step === undefined ? STEPS : [step]) faults.set(each, fault);
    },
    recover: () => faults.clear(),
  };
}

function readRequest({ method = '', url: path = '', headers }: IncomingMessage): ImdsRequest {
  return { method, path, step: stepOf(path), hadToken: headers['x-aws-ec2-metadata-token'] !== undefined };
}

function stepOf(path: string): ImdsStep {
  if (path === '/latest/api/token') return 'token';
  if (path === '/latest/meta-data/placement/region') return 'region';
  if (path === ROLE_LIST || path === `${ROLE_LIST}/`) return 'role';
  return path.startsWith(`${ROLE_LIST}/`) ? 'credentials' : 'other';
}

function spoil(
  answer: Answer,
  fault: ImdsFault | undefined,
  nowMs: number,
): { answer: Answer; fault: Fault | undefined } {
  if (fault?.kind === 'expired') return { answer, fault: undefined };
  if (fault?.kind !== 'failed') return { answer, fault };
  if (answer.status !== 200 || !answer.body.startsWith('{')) return { answer, fault: undefined };
  const refusal = {
    Code: fault.code ?? 'Failed',
    Message: 'The role of this instance could not be assumed.',
    LastUpdated: toTimestamp(nowMs),
  };
  return { answer: { ...answer, body: JSON.stringify(refusal, null, 2) }, fault: undefined };
}
