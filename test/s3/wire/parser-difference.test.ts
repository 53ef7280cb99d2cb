import { expect, test } from 'vitest';
import { generateCase, type ResponseCase, split } from './generate-response.ts';
import { findDifference } from './outcome.ts';
import { chooseSeed, Random } from './random.ts';
import { readWithNodeHttp } from './read-with-node-http.ts';
import { readWithWire } from './read-with-wire.ts';

/** 100 000 in CI. */
const CASES = Number(process.env['WIRE_CASES'] ?? 4000);
const DEADLINE_MS = 30_000 + CASES * 3;

test(
  `of ${CASES} response streams the parser tells what node:http tells, or refuses`,
  { timeout: DEADLINE_MS },
  async () => {
    const seed = chooseSeed();
    const random = new Random(seed);
    const counts = { complete: 0, refused: 0, refusedThoughComplete: 0 };
    for (let index = 0; index < CASES; index += 1) {
      const example = generateCase(random);
      const segments = split(example.bytes, random);
      const ours = readWithWire(example.method, segments);
      const theirs = await readWithNodeHttp(example.method, segments);
      const difference = findDifference(ours, theirs) ?? findUntruth(example, ours);
      expect.soft(difference, describeCase(example, { seed, index })).toBeUndefined();
      if (ours.isComplete) counts.complete += 1;
      else counts.refused += 1;
      if (theirs.isComplete && !ours.isComplete) counts.refusedThoughComplete += 1;
    }
    console.log(`WIRE_SEED=${seed} WIRE_CASES=${CASES}: ${JSON.stringify(counts)}`);
    // A parser that refused everything would agree with every other.
    expect(counts.complete).toBeGreaterThan(CASES / 3);
    expect(counts.refused).toBeGreaterThan(CASES / 5);
  },
);

/** Well-formed responses must not be refused. */
function findUntruth({ truth }: ResponseCase, ours: ReturnType<typeof readWithWire>): string | undefined {
  if (truth === undefined) return undefined;
  return findDifference({ ...truth, isComplete: true, error: undefined }, ours);
}

function describeCase({ method, bytes }: ResponseCase, place: object): string {
  return `${JSON.stringify(place)} ${method} ${JSON.stringify(bytes.toString('latin1').slice(0, 3000))}`;
}
