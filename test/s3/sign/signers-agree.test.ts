import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFastSigner } from '../../../src/s3/sign/fast-signer.ts';
import { createReferenceSigner } from '../../../src/s3/sign/reference-signer.ts';
import { signWithAwsCrt } from './aws-crt-signer.ts';
import { credentials, instantsMs, requests, scopes, sortHeaders } from './signing-arbitraries.ts';

// One signer a scope for all cases, as in the daemon: what it keeps from one case must not leak into the next.
const signers = new Map(
  scopes.map((scope) => [
    scope,
    { signFast: createFastSigner(scope), signByReference: createReferenceSigner(scope) },
  ]),
);

describe('the fast signer, the reference signer and aws-crt', () => {
  it('the fast signer answers what the reference answers, for 10 000 requests in random order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...scopes),
        requests,
        credentials,
        instantsMs,
        async (scope, request, keys, nowMs) => {
          const { signFast, signByReference } = signers.get(scope)!;
          const expected = await signByReference(request, keys, nowMs);
          expect(sortHeaders(signFast(request, keys, nowMs))).toEqual(sortHeaders(expected));
        },
      ),
      { numRuns: 10_000 },
    );
  }, 60_000);

  it('aws-crt answers the same, for 2 000 of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...scopes),
        requests,
        credentials,
        instantsMs,
        async (scope, request, keys, nowMs) => {
          const { signFast, signByReference } = signers.get(scope)!;
          const voice = sortHeaders(await signWithAwsCrt(scope, request, { credentials: keys, nowMs }));
          expect(sortHeaders(signFast(request, keys, nowMs))).toEqual(voice);
          expect(sortHeaders(await signByReference(request, keys, nowMs))).toEqual(voice);
        },
      ),
      { numRuns: 2000 },
    );
  }, 60_000);
});
