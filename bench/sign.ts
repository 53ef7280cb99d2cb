/**
 * What one signature costs, by each signer: `node bench/sign.ts`.
 * Rounds of all signers take turns, so that whatever else the machine does falls on all of them alike.
 */
import { createCheckedSigner } from '../src/s3/sign/checked-signer.ts';
import { createFastSigner } from '../src/s3/sign/fast-signer.ts';
import { createReferenceSigner } from '../src/s3/sign/reference-signer.ts';
import type { RequestSigner, UnsignedRequest } from '../src/s3/sign/request-signer.ts';

const ROUNDS = 9;
const SCOPE = { host: 'examplebucket.s3.us-east-1.amazonaws.com', region: 'us-east-1', service: 's3' };
const CREDENTIALS = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLEtoken+/=='.repeat(32),
};
const REQUESTS: readonly UnsignedRequest[] = Array.from({ length: 1000 }, (_, index) => ({
  method: 'GET',
  path: `/vod/2024/06/show%20${index}/1080p/segment-${index * 7919}.mp4`,
  query: '',
}));

interface Contestant {
  readonly name: string;
  readonly sign: RequestSigner;
  readonly signaturesPerRound: number;
  readonly roundsUs: number[];
}

const checked = createCheckedSigner(SCOPE, {
  onMismatch: ({ request, differs }) => {
    throw new Error(`the signers differ (${request}: ${differs})`);
  },
});
await checked.check(CREDENTIALS);

const contestants: readonly Contestant[] = [
  { name: 'reference', sign: createReferenceSigner(SCOPE), signaturesPerRound: 3000, roundsUs: [] },
  { name: 'fast', sign: createFastSigner(SCOPE), signaturesPerRound: 50_000, roundsUs: [] },
  { name: 'fast, checked', sign: checked.sign, signaturesPerRound: 50_000, roundsUs: [] },
];

/** @returns microseconds a signature */
async function measureRound({ sign, signaturesPerRound }: Contestant): Promise<number> {
  const startedAtMs = performance.now();
  for (let count = 0; count < signaturesPerRound; count += 1) {
    const request = REQUESTS[count % REQUESTS.length];
    if (request === undefined) continue;
    const signing = sign(request, CREDENTIALS, Date.now());
    if (!Array.isArray(signing)) await signing;
  }
  return ((performance.now() - startedAtMs) * 1000) / signaturesPerRound;
}

// The first round only warms up.
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const contestant of contestants) {
    const roundUs = await measureRound(contestant);
    if (round > 0) contestant.roundsUs.push(roundUs);
  }
}

console.log(
  `Node ${process.versions.node}, session token of ${CREDENTIALS.sessionToken.length} bytes, ${ROUNDS} rounds`,
);
console.table(
  Object.fromEntries(
    contestants.map(({ name, roundsUs }) => {
      const sorted = roundsUs.toSorted((a, b) => a - b);
      const at = (index: number): number => Number((sorted[index] ?? NaN).toFixed(1));
      return [
        name,
        { 'median µs': at(Math.floor(ROUNDS / 2)), 'least µs': at(0), 'most µs': at(ROUNDS - 1) },
      ];
    }),
  ),
);
