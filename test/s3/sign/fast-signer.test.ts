import { describe, expect, it } from 'vitest';
import { createFastSigner } from '../../../src/s3/sign/fast-signer.ts';
import { createReferenceSigner } from '../../../src/s3/sign/reference-signer.ts';
import type { Credentials, UnsignedRequest } from '../../../src/s3/sign/request-signer.ts';
import { sortHeaders } from './signing-arbitraries.ts';

const SCOPE = { host: 'bkt.s3.us-east-1.amazonaws.com', region: 'us-east-1', service: 's3' };
const REQUEST: UnsignedRequest = { method: 'GET', path: '/a%20b', query: 'versionId=1' };
const KEYS: Credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };
const NOON_MS = Date.UTC(2026, 5, 15, 12);
const MIDNIGHT_MS = Date.UTC(2028, 2, 1);

describe('the fast signer', () => {
  const signFast = createFastSigner(SCOPE);
  const signByReference = createReferenceSigner(SCOPE);
  const expectSame = async (keys: Credentials, nowMs: number, request = REQUEST): Promise<void> => {
    const expected = await signByReference(request, keys, nowMs);
    expect(sortHeaders(signFast(request, keys, nowMs))).toEqual(sortHeaders(expected));
  };

  it('follows the clock over a leap day and into March, and back when the clock is put back', async () => {
    const stepsMs = [-86_400_000, -86_399_999, -2000, -1001, -1000, -999, -1, 0, 1, 999, 1000, -1, 0];
    for (const stepMs of stepsMs) await expectSame(KEYS, MIDNIGHT_MS + stepMs);
  });

  it('follows a change of credentials within one second, and the change back', async () => {
    const others = { ...KEYS, secretAccessKey: 'other' };
    for (const keys of [KEYS, others, { ...others, sessionToken: undefined }, KEYS, others])
      await expectSame(keys, NOON_MS);
  });

  it('sends and signs no token where the token is empty', async () => {
    const keys = { ...KEYS, sessionToken: '' };
    await expectSame(keys, NOON_MS);
    expect(signFast(REQUEST, keys, NOON_MS)).not.toContain('x-amz-security-token');
  });

  it('folds white space in a token as the reference does', async () => {
    await expectSame({ ...KEYS, sessionToken: ' two  words\t\tand\r\nmore \n' }, NOON_MS);
  });

  it('gives every caller an array of its own', () => {
    const first = signFast(REQUEST, KEYS, NOON_MS);
    first.push('range', 'bytes=0-1');
    expect(signFast(REQUEST, KEYS, NOON_MS)).not.toContain('range');
  });

  it('throws for a time that is none, as the reference does', () => {
    expect(() => signFast(REQUEST, KEYS, NaN)).toThrow(RangeError);
  });
});
