import { expect, test } from 'vitest';
import { findMistakes, loadText } from './load-text.ts';

const EVS = 's3_bucket: films\ns3_region: eu-west-1\nallowed_hosts: []\n';

test.each([
  ['s3_retries', '0', 1, 's3_retries: 0 is taken as 1'],
  ['s3_retries', '3', 4, 's3_retries: 3 is taken as 4'],
  ['s3_retries', '9', 10, 's3_retries: 9 is taken as 10'],
  ['s3_retries', '10', 10, undefined],
  ['s3_retries', '999999999', 10, 's3_retries: 999999999 is taken as 10'],
  ['s3_retries', '-1', 1, 's3_retries: -1 is taken as 1'],
  ['concurrency', '1', 1, undefined],
  ['concurrency', '64', 64, undefined],
  ['concurrency', '65', 64, 'concurrency: 65 is taken as 64'],
  ['concurrency', '999999999', 64, 'concurrency: 999999999 is taken as 64'],
  ['concurrency', '0', 'auto', 'concurrency: 0 is taken as auto'],
  ['concurrency', '00', 'auto', 'concurrency: 00 is taken as auto'],
  ['concurrency', '-2', 'auto', 'concurrency: -2 is taken as auto'],
])('%s: %s becomes %s attempts or workers', (key, text, count, warning) => {
  const { retries, workers, warnings } = loadText(`${EVS}${key}: ${text}\n`);
  expect(key === 's3_retries' ? retries.attempts : workers).toBe(count);
  expect(key === 's3_retries' ? workers : retries.attempts).toBe(key === 's3_retries' ? 1 : 3);
  expect(warnings).toEqual(warning === undefined ? [] : [warning]);
});

test("environment and flags win over s3_retries and concurrency; the file's own new keys exclude them", () => {
  const text = `${EVS}s3_retries: 3\nconcurrency: 2\n`;
  const environment = { S3_HELPER_RETRIES_ATTEMPTS: '7' };
  expect(loadText(text, { environment, flags: { workers: 'auto' } })).toMatchObject({
    retries: { attempts: 7 },
    workers: 'auto',
  });
  expect(findMistakes(`${text}retries: {attempts: 2}\nworkers: 3\n`)).toEqual([
    's3_retries: is given together with retries.attempts (the-file.yml); keep one of them',
    'concurrency: is given together with workers (the-file.yml); keep one of them',
  ]);
});
