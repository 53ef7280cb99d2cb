import type { DoctorCheck } from '../doctor-check.ts';
import { explainRefusal } from '../explain-refusal.ts';
import { type Finding, ok, skip, warn } from '../finding.ts';
import type { RouteSubject } from '../route-subject.ts';

/** How long S3 takes to the first byte of an object, in ten requests on a kept connection. */
export const check: DoctorCheck = {
  name: 'first-byte',
  order: 160,
  deadlineMs: 30_000,
  whenLate: 'ten single bytes took longer than that; the bucket is far away, or S3 in trouble',
  plan: ({ routes }) => {
    const keyed = routes.filter(({ key }) => key !== undefined);
    if (keyed.length === 0)
      return [{ subject: '', run: () => Promise.resolve(skip('give a key after --key')) }];
    return keyed.map((route) => ({
      subject: route.name,
      needs: [{ check: 'encoding', subject: route.name }],
      run: (signal) => measure(route, route.key ?? '', signal),
    }));
  },
};

const REQUESTS = 10;
/** AWS: "small object latencies of roughly 100-200 milliseconds" ("Performance guidelines for Amazon S3"). */
const SLOW_MS = 200;

async function measure(route: RouteSubject, key: string, signal: AbortSignal): Promise<Finding> {
  const timesMs: number[] = [];
  for (let count = 0; count < REQUESTS; count += 1) {
    const answer = await route.ask(key, signal);
    if (answer.statusCode >= 300 && answer.statusCode !== 416) return explainRefusal('the key', answer);
    timesMs.push(answer.firstByteMs);
  }
  timesMs.sort((one, other) => one - other);
  const [min = 0] = timesMs;
  const middle = timesMs.slice(REQUESTS / 2 - 1, REQUESTS / 2 + 1);
  const median = middle.reduce((sum, ms) => sum + ms, 0) / middle.length;
  const max = timesMs.at(-1) ?? 0;
  const scheme = route.endpoint.endpoint.protocol.slice(0, -1);
  const says = `over ${scheme}, ${REQUESTS} requests: ${round(min)} ms min, ${round(median)} ms median, ${round(max)} ms max`;
  const facts = { min_ms: round(min), median_ms: round(median), max_ms: round(max), scheme };
  if (median < SLOW_MS) return ok(says, facts);
  return warn(
    says,
    'AWS says 100 to 200 ms from within its region: run the daemon in the region of the bucket, ' +
      'and reach S3 by a gateway endpoint',
    facts,
  );
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
