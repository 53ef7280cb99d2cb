import { expect, test } from 'vitest';
import type { DoctorCheck, Look } from '../../src/cli/doctor/doctor-check.ts';
import type { DoctorSetup } from '../../src/cli/doctor/doctor-setup.ts';
import { fail, ok, skip, warn } from '../../src/cli/doctor/finding.ts';
import { HiddenSecrets } from '../../src/cli/doctor/hidden-secrets.ts';
import { type Result, runChecks } from '../../src/cli/doctor/run-checks.ts';
import { ProxyFailure } from '../../src/failures.ts';

function createCheck(name: string, looks: readonly Look[]): DoctorCheck {
  return { name, order: 1, deadlineMs: 50, whenLate: 'be quicker', plan: () => looks };
}

async function run(...checks: readonly DoctorCheck[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  // What these checks look at is not looked at.
  const setup = { secrets: new HiddenSecrets() } as unknown as DoctorSetup;
  for await (const result of runChecks(checks, setup)) results.push(result);
  return results;
}

const looking = (subject: string, finding: ReturnType<typeof ok>, needs: Look['needs'] = []): Look => ({
  subject,
  needs,
  run: () => Promise.resolve(finding),
});

test('what builds on something that failed or was skipped is skipped and says so, all else is looked at', async () => {
  const results = await run(
    createCheck('first', [
      looking('a', fail('no', 'fix it')),
      looking('b', warn('odd', 'look')),
      looking('c', skip('why not')),
      looking('d', ok('yes')),
    ]),
    createCheck(
      'second',
      ['a', 'b', 'c', 'd', 'never planned'].map((subject) =>
        looking(subject, ok('yes'), [{ check: 'first', subject }]),
      ),
    ),
    createCheck('third', [looking('a', ok('yes'), [{ check: 'second', subject: 'a' }])]),
  );
  expect(results.slice(4).map(({ check, subject, status, says }) => [check, subject, status, says])).toEqual([
    ['second', 'a', 'skip', 'needs first a'],
    ['second', 'b', 'ok', 'yes'],
    ['second', 'c', 'skip', 'needs first c'],
    ['second', 'd', 'ok', 'yes'],
    ['second', 'never planned', 'ok', 'yes'],
    ['third', 'a', 'skip', 'needs second a'],
  ]);
});

test('a look that takes too long is told to end, and fails with the fix of its check', async () => {
  let isAborted = false;
  const look: Look = {
    subject: '',
    run: (signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => (isAborted = true));
      }),
  };
  const [result] = await run(createCheck('slow', [look]));
  expect(result).toMatchObject({ status: 'fail', says: 'no answer within 50 ms', fix: 'be quicker' });
  expect(isAborted).toBe(true);
});

test('the looks of one check do not wait for each other', async () => {
  const late: Look = { subject: 'late', run: () => new Promise(() => undefined) };
  const results = await run(createCheck('slow', [late, late, late, late]));
  expect(results).toHaveLength(4);
  for (const { tookMs } of results) expect(tookMs).toBeLessThan(150);
});

test.each([
  [new ProxyFailure('s3_tls'), /^s3_tls: S3 could not prove its identity$/, /see the line of tls/],
  [new ProxyFailure('internal'), /^internal: /, /docs\/troubleshooting\.md/],
  [
    Object.assign(new Error('odd'), { code: 'EODD' }),
    /^could not be looked at: EODD odd$/,
    /report this line as a fault/,
  ],
  ['no error', /^could not be looked at: /, /report this line as a fault/],
])('an error is a failed look: %s', async (error, says, fix) => {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  const [result] = await run(createCheck('odd', [{ subject: '', run: () => Promise.reject(error) }]));
  expect(result).toMatchObject({
    status: 'fail',
    says: expect.stringMatching(says) as string,
    fix: expect.stringMatching(fix) as string,
  });
});
