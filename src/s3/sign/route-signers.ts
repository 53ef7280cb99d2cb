import {
  type CheckedSigner,
  type CheckQueue,
  createCheckedSigner,
  type SignerMismatch,
} from './checked-signer.ts';
import type { Credentials, RequestSigner, SigningScope } from './request-signer.ts';

/** The signers of all routes, one a scope. */
export interface RouteSigners {
  readonly forScope: (scope: SigningScope) => RequestSigner;
  /** Has credentials checked for every scope, in the background. @returns when that is over. Never rejects. */
  readonly check: (credentials: Credentials) => Promise<void>;
}

/** @param onMismatch - called once a scope whose fast signer is wrong; the reference signs there from then on. */
export function createRouteSigners(onMismatch: (mismatch: SignerMismatch) => void): RouteSigners {
  const signers = new Map<string, CheckedSigner>();
  const enqueue = createQueue();
  return {
    forScope: (scope) => {
      const name = `${scope.service} ${scope.region} ${scope.host}`;
      const signer = signers.get(name) ?? createCheckedSigner(scope, { onMismatch, enqueue });
      signers.set(name, signer);
      return signer.sign;
    },
    check: async (credentials) => {
      await Promise.all([...signers.values()].map((signer) => signer.check(credentials)));
    },
  };
}

/** One check after the other, however many routes there are: together they would hold up a whole turn of the loop. */
function createQueue(): CheckQueue {
  let last = Promise.resolve();
  return (check) => {
    last = last.then(check);
    return last;
  };
}
