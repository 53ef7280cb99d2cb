import { createHash, randomBytes } from 'node:crypto';

/** Temporary credentials as a source issues them. Times are Unix milliseconds. */
export interface IssuedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

export interface RotatingCredentials {
  current(): IssuedCredentials;
  /** What `current()` was before the last change; `undefined` before the first. */
  previous(): IssuedCredentials | undefined;
}

const AWS_OVERLAP_MS = 5 * 60_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * A source whose credentials, key id included, change on a fixed schedule: new ones come `overlapMs` before the old expire.
 * AWS promises an overlap of at least five minutes (EC2 User Guide, "Retrieve security credentials from instance metadata");
 * that is the default, or a quarter of the lifetime where that is shorter. Throws a RangeError unless 0 <= overlapMs < lifetimeMs.
 */
export function createRotatingCredentials(options: {
  readonly lifetimeMs: number;
  readonly now: () => number;
  readonly overlapMs?: number;
}): RotatingCredentials {
  const { lifetimeMs, now, overlapMs = Math.min(AWS_OVERLAP_MS, lifetimeMs / 4) } = options;
  const periodMs = lifetimeMs - overlapMs;
  if (!(periodMs > 0 && overlapMs >= 0)) throw new RangeError('overlapMs must be shorter than lifetimeMs');
  const startedAtMs = now();
  const seed = randomBytes(16).toString('hex');
  const generation = (): number => Math.max(0, Math.floor((now() - startedAtMs) / periodMs));
  const issue = (n: number): IssuedCredentials =>
    issueCredentials(`${seed}-${n}`, startedAtMs + n * periodMs, lifetimeMs);
  return {
    current: () => issue(generation()),
    previous: () => (generation() > 0 ? issue(generation() - 1) : undefined),
  };
}

/** Invented credentials of the real shape and size, always the same for the same seed. */
export function issueCredentials(seed: string, issuedAtMs: number, lifetimeMs: number): IssuedCredentials {
  const bytes = createHash('shake256', { outputLength: 721 }).update(seed).digest();
  const keyId = Array.from(bytes.subarray(0, 16), (byte) => BASE32.charAt(byte & 31)).join('');
  const secretAccessKey = bytes.subarray(16, 46).toString('base64');
  const sessionToken = bytes.subarray(46).toString('base64');
  return {
    accessKeyId: `ASIA${keyId}`,
    secretAccessKey,
    sessionToken,
    issuedAtMs,
    expiresAtMs: issuedAtMs + lifetimeMs,
  };
}

/** AWS's timestamp: UTC in whole seconds, rounded down, such as `2026-01-31T09:00:00Z`. */
export function toTimestamp(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
