import { compareSigners, type SignerDifference } from './compare-signers.ts';
import { createFastSigner, type FastSigner } from './fast-signer.ts';
import { createReferenceSigner, type ReferenceSigner } from './reference-signer.ts';
import type { Credentials, RequestSigner, SigningScope } from './request-signer.ts';

/** A difference between the signers, and for whom they were signing. */
export type SignerMismatch = SigningScope & SignerDifference;

export interface CheckedSigner {
  /**
   * Signs at once with the fast signer for credentials with which it has proved itself, and with the reference, later,
   * for all others. The first request with new credentials has them checked.
   */
  readonly sign: RequestSigner;
  /** Has credentials checked ahead of their first request; once each. @returns when that is over. Never rejects. */
  readonly check: (credentials: Credentials) => Promise<void>;
}

/** Runs a check when its turn has come. */
export type CheckQueue = (check: () => Promise<void>) => Promise<void>;

export interface CheckedSignerOptions {
  /** Called at the first difference only; from then on the reference signs everything. */
  readonly onMismatch: (mismatch: SignerMismatch) => void;
  /** Runs every check at once unless given. */
  readonly enqueue?: CheckQueue;
  readonly fast?: FastSigner;
  readonly reference?: ReferenceSigner;
}

/** The fast signer under the reference's supervision. */
export function createCheckedSigner(scope: SigningScope, options: CheckedSignerOptions): CheckedSigner {
  const {
    onMismatch,
    enqueue = runAtOnce,
    fast = createFastSigner(scope),
    reference = createReferenceSigner(scope),
  } = options;
  const checks = new WeakMap<Credentials, Promise<void>>();
  let proved = new WeakSet<Credentials>();
  let isFaulty = false;

  const run = async (credentials: Credentials): Promise<void> => {
    const difference = await compareSigners(fast, reference, credentials);
    // One that was found earlier, or meanwhile for other credentials, stands.
    if (isFaulty) return;
    if (difference === undefined) {
      proved.add(credentials);
      return;
    }
    isFaulty = true;
    proved = new WeakSet();
    onMismatch({ ...scope, ...difference });
  };
  const check = (credentials: Credentials): Promise<void> => {
    const underway = checks.get(credentials) ?? enqueue(() => run(credentials));
    checks.set(credentials, underway);
    return underway;
  };
  return {
    sign: (request, credentials, nowMs) => {
      if (proved.has(credentials)) return fast(request, credentials, nowMs);
      void check(credentials);
      return reference(request, credentials, nowMs);
    },
    check,
  };
}

const runAtOnce: CheckQueue = (check) => check();
