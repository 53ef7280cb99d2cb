import { expect, test } from 'vitest';
import { BUCKET_AND_REGION, findMistakes, loadText } from './load-text.ts';

test('what nobody writes is tried three times in ten seconds, taken up five times, and hedged after half a second', () => {
  expect(loadText(BUCKET_AND_REGION)).toMatchObject({
    retries: { attempts: 3, totalMs: 10_000, resumes: 5 },
    hedge: { enabled: true, delayMs: 500 },
    timeouts: { firstByteMs: 2000 },
    workers: 1,
  });
});

test('what is written is what is resolved, from the file, the environment and flags alike', () => {
  const resolved = {
    retries: { attempts: 7, totalMs: 90_000, resumes: 0 },
    hedge: { enabled: false, delayMs: 250 },
    workers: 'auto',
  };
  const text = `
retries: {attempts: 7, total: 1m30s, resumes: 0}
hedge: {enabled: false, delay: 250ms}
workers: auto
`;
  expect(loadText(BUCKET_AND_REGION + text)).toMatchObject(resolved);
  const environment = {
    S3_HELPER_RETRIES_ATTEMPTS: '7',
    S3_HELPER_RETRIES_TOTAL: '1m30s',
    S3_HELPER_RETRIES_RESUMES: '0',
    S3_HELPER_HEDGE_ENABLED: 'false',
    S3_HELPER_HEDGE_DELAY: '250ms',
    S3_HELPER_WORKERS: 'auto',
  };
  expect(loadText(BUCKET_AND_REGION, { environment })).toMatchObject(resolved);
  const flags = {
    'retries.attempts': '7',
    'retries.total': '1m30s',
    'retries.resumes': '0',
    'hedge.enabled': 'false',
    'hedge.delay': '250ms',
    workers: 'auto',
  };
  expect(loadText(BUCKET_AND_REGION, { flags })).toMatchObject(resolved);
});

test('retries and hedge cannot be changed', () => {
  const { retries, hedge } = loadText(BUCKET_AND_REGION);
  expect([retries, hedge].every(Object.isFrozen)).toBe(true);
});

test.each([
  ['retries: {attempts: 1}', { retries: { attempts: 1 } }],
  ['retries: {attempts: 10}', { retries: { attempts: 10 } }],
  ['retries: {resumes: 0}', { retries: { resumes: 0 } }],
  ['retries: {resumes: 100}', { retries: { resumes: 100 } }],
  ['workers: 1', { workers: 1 }],
  ['workers: 64', { workers: 64 }],
])('the ends of a range are in it: %s', (line, resolved) => {
  expect(loadText(`${BUCKET_AND_REGION}${line}\n`)).toMatchObject(resolved);
});

const DURATION = 'a duration such as 500ms, 3s or 1m30s, above zero and under 24 days';

test.each([
  ['retries.attempts', ['0', '11', '-1', '1.5', '3x', '1e1', 'many', '9999999999'], 'a number from 1 to 10'],
  ['retries.resumes', ['101', '-1', '0.5', 'all', '9999999999'], 'a number from 0 to 100'],
  ['workers', ['0', '65', '100', '-1', '2.5', 'all', 'AUTO'], 'auto, or a number from 1 to 64'],
  ['retries.total', ['0', '0s', '10', '-1s', '597h'], DURATION],
  ['hedge.delay', ['0', '0s', '500', '-1ms'], DURATION],
  ['hedge.enabled', ['yes', '1', 'on', 'True'], 'true or false'],
  ['s3.learn_region', ['no', '0', 'off'], 'true or false'],
])('%s refuses %j', (name, texts, form) => {
  for (const text of texts) {
    expect(findMistakes(BUCKET_AND_REGION, { flags: { [name]: text } })).toEqual([
      expect.stringMatching(new RegExp(`^${name.replace('.', '\\.')}: "${text}" is not accepted \\(flag --`)),
    ]);
    expect(findMistakes(BUCKET_AND_REGION, { flags: { [name]: text } })[0]).toMatch(
      new RegExp(`; write ${form}$`),
    );
  }
});

test.each([
  [
    'retries: 3',
    'retries: holds keys, not a value (the-file.yml); write one of retries.attempts, retries.total, retries.resumes',
  ],
  ['hedge: false', 'hedge: holds keys, not a value (the-file.yml); write one of hedge.enabled, hedge.delay'],
  ['retries: {atempts: 3}', 'retries.atempts: no such key (the-file.yml); did you mean retries.attempts?'],
  ['worker: 2', 'worker: no such key (the-file.yml); did you mean workers?'],
])('a near miss is told: %s', (line, sentence) => {
  expect(findMistakes(`${BUCKET_AND_REGION}${line}\n`)).toEqual([sentence]);
});
