import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastSigner } from './fast-signer.ts';
import type { ReferenceSigner } from './reference-signer.ts';
import type { Credentials, UnsignedRequest } from './request-signer.ts';

/** Where two signers disagreed, without keys, tokens or signatures. */
export interface SignerDifference {
  /** The name of the fixed request. */
  readonly request: string;
  /** Names of the headers that differ, or what was thrown by whom. */
  readonly differs: string;
}

interface FixedRequest extends UnsignedRequest {
  readonly name: string;
  readonly nowMs?: number;
  /** Signed with the example keys instead, which have a session token where the real ones have none. */
  readonly hasOtherCredentials?: boolean;
}

const HARD_PATH =
  '/hard%20key/a%2Bb%25c/%21%27%28%29%2A%26%3D%3F%23%3B%3A%40/%C3%BC%E6%97%A5%F0%9F%98%80%FF/-._~//end';
const HARD_QUERY =
  'partNumber=1&response-content-disposition=attachment%3B%20filename%3D%22a%2Bb%26%2F~%22&response-expires=&versionId=3%2FL4';
const LEAP_DAY_END_MS = Date.UTC(2028, 1, 29, 23, 59, 59, 999);

/** The last is signed now, so that the key it leaves behind is the one that real requests will use. */
const FIXED_REQUESTS: readonly FixedRequest[] = [
  { name: 'hard key and query', method: 'GET', path: HARD_PATH, query: HARD_QUERY, nowMs: LEAP_DAY_END_MS },
  { name: 'same second', method: 'HEAD', path: '/a', query: '', nowMs: LEAP_DAY_END_MS },
  { name: 'next day', method: 'GET', path: HARD_PATH, query: '', nowMs: LEAP_DAY_END_MS + 1 },
  {
    name: 'other credentials',
    method: 'GET',
    path: HARD_PATH,
    query: HARD_QUERY,
    nowMs: LEAP_DAY_END_MS + 1,
    hasOtherCredentials: true,
  },
  { name: 'now', method: 'HEAD', path: HARD_PATH, query: HARD_QUERY },
];

/**
 * Signs a few fixed requests with both signers and compares what they answer.
 * Takes one turn of the event loop a request, so that it stands in nobody's way.
 * @returns the first difference, or undefined. Never rejects.
 */
export async function compareSigners(
  fast: FastSigner,
  reference: ReferenceSigner,
  credentials: Credentials,
): Promise<SignerDifference | undefined> {
  for (const { name, nowMs = Date.now(), hasOtherCredentials, ...request } of FIXED_REQUESTS) {
    await nextTurn();
    const keys = hasOtherCredentials === true ? createExampleCredentials(credentials) : credentials;
    const differs = await findDifference(
      () => fast(request, keys, nowMs),
      () => reference(request, keys, nowMs),
    );
    if (differs !== undefined) return { request: name, differs };
  }
  return undefined;
}

/** The keys of AWS's own examples. */
function createExampleCredentials({ sessionToken }: Credentials): Credentials {
  return {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    sessionToken: sessionToken ? undefined : 'example+session/token==',
  };
}

async function findDifference(
  fast: () => string[],
  reference: () => Promise<string[]>,
): Promise<string | undefined> {
  let expected: string[];
  let actual: string[];
  try {
    expected = await reference();
  } catch (error) {
    return `the reference threw ${nameOf(error)}`;
  }
  try {
    actual = fast();
  } catch (error) {
    return `the fast signer threw ${nameOf(error)}`;
  }
  return listDifferences(actual, expected);
}

/** @returns the names, joined, of flat headers that are missing, surplus or of another value. */
function listDifferences(actual: string[], expected: string[]): string | undefined {
  const actualPairs = toPairs(actual);
  const expectedPairs = toPairs(expected);
  const differing = [
    ...expectedPairs.filter((pair) => !actualPairs.includes(pair)),
    ...actualPairs.filter((pair) => !expectedPairs.includes(pair)),
  ].map((pair) => pair.slice(0, pair.indexOf(':')));
  if (differing.length > 0) return [...new Set(differing)].join(', ');
  return actual.length === expected.length ? undefined : 'a header is there twice';
}

function toPairs(headers: string[]): string[] {
  return headers.flatMap((name, index) => (index % 2 === 0 ? [`${name}:${headers[index + 1] ?? ''}`] : []));
}

/** The message might quote what was being signed. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
