import { describe, expect, it } from 'vitest';
import {
  createCheckedSigner,
  type CheckedSignerOptions,
  type SignerMismatch,
} from '../../../src/s3/sign/checked-signer.ts';
import { createFastSigner, type FastSigner } from '../../../src/s3/sign/fast-signer.ts';
import { createReferenceSigner } from '../../../src/s3/sign/reference-signer.ts';
import type { Credentials, UnsignedRequest } from '../../../src/s3/sign/request-signer.ts';
import { sortHeaders } from './signing-arbitraries.ts';

const SCOPE = { host: 'bkt.s3.us-east-1.amazonaws.com', region: 'us-east-1', service: 's3' };
const REQUEST: UnsignedRequest = { method: 'GET', path: '/a%20b', query: 'versionId=1' };
const NOW_MS = Date.UTC(2026, 5, 15, 12);

const newKeys = (): Credentials => ({
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'the-secret-key',
  sessionToken: 'the-session-token',
});

function createWatched(options: Partial<CheckedSignerOptions> = {}) {
  const mismatches: SignerMismatch[] = [];
  const signer = createCheckedSigner(SCOPE, {
    onMismatch: (mismatch) => mismatches.push(mismatch),
    ...options,
  });
  return { ...signer, mismatches };
}

async function expectReference(signed: string[] | Promise<string[]>, keys: Credentials): Promise<void> {
  expect(signed).toBeInstanceOf(Promise);
  const expected = await createReferenceSigner(SCOPE)(REQUEST, keys, NOW_MS);
  expect(await signed).toEqual(expected);
}

describe('the checked signer', () => {
  it('lets the reference sign until the check is over, and then signs at once with the same result', async () => {
    const { sign, check, mismatches } = createWatched();
    const keys = newKeys();
    const early = sign(REQUEST, keys, NOW_MS);
    await expectReference(early, keys);
    await check(keys);
    const late = sign(REQUEST, keys, NOW_MS);
    expect(late).toBeInstanceOf(Array);
    expect(sortHeaders(await late)).toEqual(sortHeaders(await early));
    expect(mismatches).toEqual([]);
  });

  it('checks ahead of the first request when told to', async () => {
    const { sign, check } = createWatched();
    const keys = newKeys();
    await check(keys);
    expect(sign(REQUEST, keys, NOW_MS)).toBeInstanceOf(Array);
  });

  it('lets the reference sign again when the credentials change, until they are checked', async () => {
    const { sign, check } = createWatched();
    const [old, fresh] = [newKeys(), { ...newKeys(), secretAccessKey: 'another' }];
    await check(old);
    await expectReference(sign(REQUEST, fresh, NOW_MS), fresh);
    expect(sign(REQUEST, old, NOW_MS)).toBeInstanceOf(Array);
    await check(fresh);
    expect(sign(REQUEST, fresh, NOW_MS)).toBeInstanceOf(Array);
  });

  it('checks the same credentials once, however many requests come meanwhile', async () => {
    let checks = 0;
    const { sign, check } = createWatched({
      enqueue: (run) => {
        checks += 1;
        return run();
      },
    });
    const keys = newKeys();
    for (let count = 0; count < 100; count += 1) await sign(REQUEST, keys, NOW_MS);
    await check(keys);
    expect(checks).toBe(1);
  });

  it('does no work of a check in the turn of the request that begins it', () => {
    let signatures = 0;
    const { sign } = createWatched({
      fast: (...args) => {
        signatures += 1;
        return createFastSigner(SCOPE)(...args);
      },
    });
    void sign(REQUEST, newKeys(), NOW_MS);
    expect(signatures).toBe(0);
  });
});

const right = createFastSigner(SCOPE);
let firstNowMs: number | undefined;
let firstKeys: Credentials | undefined;

/** Every mistake that a specialised signer is likely to make. */
const MUTANTS: Readonly<Record<string, FastSigner>> = {
  'drops the query': (request, keys, nowMs) => right({ ...request, query: '' }, keys, nowMs),
  'decodes the path': (request, keys, nowMs) =>
    right({ ...request, path: request.path.replace('%20', ' ') }, keys, nowMs),
  'encodes the path twice': (request, keys, nowMs) =>
    right({ ...request, path: request.path.replaceAll('%', '%25') }, keys, nowMs),
  'folds slashes': (request, keys, nowMs) =>
    right({ ...request, path: request.path.replaceAll('//', '/') }, keys, nowMs),
  'encodes in lower case': (request, keys, nowMs) =>
    right({ ...request, path: request.path.replace(/%../g, (hex) => hex.toLowerCase()) }, keys, nowMs),
  'takes HEAD for GET': (request, keys, nowMs) => right({ ...request, method: 'GET' }, keys, nowMs),
  'forgets the token': (request, keys, nowMs) => right(request, { ...keys, sessionToken: undefined }, nowMs),
  'cuts the token': (request, keys, nowMs) =>
    right(request, { ...keys, sessionToken: keys.sessionToken?.slice(0, 8) }, nowMs),
  'keeps the first date': (request, keys, nowMs) => right(request, keys, (firstNowMs ??= nowMs)),
  'keeps the first credentials': (request, keys, nowMs) => right(request, (firstKeys ??= keys), nowMs),
  'rounds the second up': (request, keys, nowMs) => right(request, keys, nowMs + 500),
  'signs for another region': createFastSigner({ ...SCOPE, region: 'eu-west-1' }),
  'signs for another service': createFastSigner({ ...SCOPE, service: 's3express' }),
  'signs for another host': createFastSigner({ ...SCOPE, host: 'other' }),
  'leaves a header out': (...args) => right(...args).slice(2),
  'sends a header twice': (...args) => {
    const [name = '', value = '', ...rest] = right(...args);
    return [name, value, name, value, ...rest];
  },
  'sends one more header': (...args) => [...right(...args), 'x-amz-meta-a', 'b'],
  'breaks one digit of the signature': (...args) =>
    right(...args).map((text) => text.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))),
  throws: () => {
    throw new TypeError('the-secret-key is not a function');
  },
};

describe.each(Object.entries(MUTANTS))('a fast signer that %s', (_, fast) => {
  it('is caught, told of once without secrets, and never signs a request', async () => {
    firstNowMs = undefined;
    firstKeys = undefined;
    const { sign, check, mismatches } = createWatched({ fast });
    const keys = newKeys();
    await expectReference(sign(REQUEST, keys, NOW_MS), keys);
    await check(keys);
    await expectReference(sign(REQUEST, keys, NOW_MS), keys);
    const others = { ...newKeys(), secretAccessKey: 'another' };
    await check(others);
    await expectReference(sign(REQUEST, others, NOW_MS), others);

    expect(mismatches).toEqual([
      { ...SCOPE, request: expect.any(String) as string, differs: expect.any(String) as string },
    ]);
    const told = JSON.stringify(mismatches);
    const signature = /Signature=(\w+)/.exec(right(REQUEST, keys, NOW_MS).join())?.[1];
    for (const secret of [keys.secretAccessKey, keys.sessionToken!, signature!])
      expect(told).not.toContain(secret);
  });
});

describe('a fast signer that fails with later credentials only', () => {
  it('is taken from the earlier ones too', async () => {
    const bad = { ...newKeys(), accessKeyId: 'AKIDBAD' };
    const { sign, check, mismatches } = createWatched({
      fast: (request, keys, nowMs) =>
        keys.accessKeyId === bad.accessKeyId
          ? right({ ...request, query: '' }, keys, nowMs)
          : right(request, keys, nowMs),
    });
    const good = newKeys();
    await check(good);
    expect(sign(REQUEST, good, NOW_MS)).toBeInstanceOf(Array);
    await Promise.all([check(bad), check({ ...good })]);
    await expectReference(sign(REQUEST, good, NOW_MS), good);
    expect(mismatches).toEqual([{ ...SCOPE, request: 'hard key and query', differs: 'authorization' }]);
  });
});

describe('a reference that throws', () => {
  it('is told of, and no request is signed without it', async () => {
    const { sign, check, mismatches } = createWatched({
      reference: () => Promise.reject(new RangeError('the-secret-key')),
    });
    const keys = newKeys();
    await check(keys);
    await expect(sign(REQUEST, keys, NOW_MS)).rejects.toThrow(RangeError);
    expect(mismatches).toEqual([
      { ...SCOPE, request: 'hard key and query', differs: 'the reference threw RangeError' },
    ]);
  });
});
