import {
  CredentialError,
  type CredentialProvider,
  type IssuedCredentials,
} from '../../src/credentials/issued-credentials.ts';
import { createRotatingCredentials } from '../../src/demo/rotating-credentials.ts';
import type { FakeClock } from './fake-clock.ts';

/** A source on the fake clock that rotates as AWS's do, and fails when told to. */
export class FakeProvider implements CredentialProvider {
  readonly source = 'a fake source';
  readonly watchedFiles: readonly string[] = [];
  fetches = 0;
  /** In place of an answer; undefined answers. */
  fault: 'fail' | 'hang' | undefined;
  readonly #rotating: ReturnType<typeof createRotatingCredentials>;
  readonly #toServerMs: () => number;

  /** @param toServerMs - AWS's clock; jumps of the machine's own do not touch it */
  constructor(clock: FakeClock, options: { readonly lifetimeMs: number; readonly overlapMs?: number }) {
    const startedAtMs = clock.nowMs();
    this.#toServerMs = () => startedAtMs + clock.monotonicMs();
    this.#rotating = createRotatingCredentials({ ...options, now: this.#toServerMs });
  }

  /** Whether AWS would accept these keys now. */
  isAccepted(accessKeyId: string | undefined): boolean {
    const known = [this.#rotating.current(), this.#rotating.previous()].filter(
      (issued) => issued !== undefined,
    );
    const issued = known.find((one) => one.accessKeyId === accessKeyId);
    return issued !== undefined && issued.expiresAtMs > this.#toServerMs();
  }

  fetch(): Promise<IssuedCredentials> {
    this.fetches += 1;
    if (this.fault === 'hang') return new Promise(() => undefined);
    if (this.fault === 'fail') return Promise.reject(new CredentialError('the source is down'));
    const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = this.#rotating.current();
    return Promise.resolve({ accessKeyId, secretAccessKey, sessionToken, expiresAtMs });
  }
}
