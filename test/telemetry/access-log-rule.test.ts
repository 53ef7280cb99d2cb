import { expect, test } from 'vitest';
import { createAccessLog } from '../../src/telemetry/access-log.ts';
import { createAccessLogRule } from '../../src/telemetry/access-log-rule.ts';
import type { Logger } from '../../src/telemetry/create-logger.ts';
import { type RequestReport, startReport } from '../../src/telemetry/request-report.ts';

const report = (end: Partial<RequestReport>): RequestReport => ({ ...startReport('GET'), ...end });

const GOOD = [report({ status: 200 }), report({ status: 206 }), report({ status: 304 })];
const BAD = [
  report({ status: 400, failure: 'bad_target' }),
  report({ status: 404 }),
  report({ status: 416 }),
  report({ status: 499, failure: 'client_gone' }),
  report({ status: 503 }),
  // Broken after a good head.
  report({ status: 200, failure: 'body_cut' }),
  report({ status: 206, failure: 'client_gone' }),
];

test.each([
  ['all', 1, 1, 1],
  ['all', 0, 0, 1],
  ['errors', 1, 0, 1],
  ['errors', 0.5, 0, 1],
  ['off', 1, 0, 0],
  ['off', 0.5, 0, 0],
] as const)('access %s with the sample %d: of the good %d, of the bad %d', (access, sample, good, bad) => {
  const shareOf = createAccessLogRule({ access, sample });
  expect(GOOD.map(shareOf)).toEqual(GOOD.map(() => good));
  expect(BAD.map(shareOf)).toEqual(BAD.map(() => bad));
});

test('a sample takes its share of the good requests by chance, says it, and takes all of the bad', () => {
  const chances = [0, 0.24, 0.25, 0.9];
  let next = 0;
  const shareOf = createAccessLogRule({ access: 'all', sample: 0.25 }, () => chances[next++ % 4]!);
  expect(chances.map(() => shareOf(GOOD[0]!))).toEqual([0.25, 0.25, 0, 0]);
  expect(BAD.map(shareOf)).toEqual(BAD.map(() => 1));
  expect(next).toBe(4);
});

test('of many good requests about the share has a line', () => {
  const shareOf = createAccessLogRule({ access: 'all', sample: 0.1 });
  const logged = Array.from({ length: 20_000 }, () => shareOf(GOOD[0]!)).filter((share) => share > 0).length;
  // Seven standard deviations of a binomial distribution to each side.
  expect(logged).toBeGreaterThan(1700);
  expect(logged).toBeLessThan(2300);
});

test('where a request gets no line, nothing is asked of the logger and nothing of the report is read but its end', () => {
  const logger = new Proxy({}, { get: (_, name) => expect.fail(`${String(name)} was asked of the logger`) });
  const guard = new Proxy(GOOD[0]!, {
    get: (target, name: keyof RequestReport) =>
      ['status', 'failure'].includes(name) ? target[name] : expect.fail(`${name} was read`),
  });
  for (const log of [
    { access: 'off', sample: 1 },
    { access: 'errors', sample: 1 },
    { access: 'all', sample: 0 },
  ] as const)
    createAccessLog(logger as Logger, log).write(guard, 1);
});
