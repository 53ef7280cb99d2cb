import { expect, test } from 'vitest';
import { BUCKET_AND_REGION, findMistakes, loadText } from './load-text.ts';

const SECRET = 'wJalrXUtnFEMI';

test.each([
  ['a licence key of the wrong length', `s3_bucket: media\nnewrelic: {license: ${SECRET}}`],
  ['a licence key as a list', `s3_bucket: media\nnewrelic: {license: [${SECRET}]}`],
  ['a licence key in place of its section', `s3_bucket: media\nnewrelic: ${SECRET}`],
  ['an unknown key', `${BUCKET_AND_REGION}aws: {secret_access_key: ${SECRET}}`],
  [
    'a password in the endpoint',
    `s3: {bucket: media, region: a, endpoint: "https://me:${SECRET}@example.net"}`,
  ],
  ['what is not YAML', `newrelic: {license: "${SECRET}}`],
  ['a key twice', `newrelic:\n  license: ${SECRET}\n  license: ${SECRET}`],
])('no mistake shows a secret: %s', (_, text) => {
  const mistakes = findMistakes(`${text}\n`);
  expect(mistakes.length).toBeGreaterThan(0);
  expect(mistakes.join('\n')).not.toContain(SECRET);
});

test('a licence key of the wrong length is told by its key', () => {
  const text = `s3_bucket: media\ns3_region: eu-west-1\nnewrelic: {license: ${SECRET}}\n`;
  expect(findMistakes(text)).toEqual([
    'newrelic.license: the value is not accepted (the-file.yml); write a licence key of 40 characters, or None',
  ]);
});

test.each([', name: films', ''])('a good licence key is in no warning', (name) => {
  const license = SECRET.padEnd(40, 'x');
  const text = `s3_bucket: media\ns3_region: eu-west-1\nnewrelic: {license: ${license}${name}}\n`;
  expect(loadText(text).warnings.join('\n')).not.toContain(SECRET);
});
