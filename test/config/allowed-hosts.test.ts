import { expect, test } from 'vitest';
import { BUCKET_AND_REGION, findMistakes, loadText } from './load-text.ts';

const withHosts = (yaml: string): string => `${BUCKET_AND_REGION}allowed_hosts: ${yaml}\n`;

test.each([
  ['[]', []],
  ['', []],
  ['media.example.com', ['media.example.com']],
  ['[Media.Example.com, b.example.com]', ['media.example.com', 'b.example.com']],
  ['a.example.com, b.example.com', ['a.example.com', 'b.example.com']],
  ['"*"', ['*']],
])('allowed_hosts: %s', (yaml, hosts) => {
  expect(loadText(withHosts(yaml)).allowedHosts).toEqual(hosts);
});

test('hosts are written with commas in the environment', () => {
  const environment = { S3_HELPER_ALLOWED_HOSTS: 'a.example.com,b.example.com' };
  expect(loadText(BUCKET_AND_REGION, { environment }).allowedHosts).toEqual([
    'a.example.com',
    'b.example.com',
  ]);
});

test.each(['media.example.com:8080', '"*.example.com"', 'http://media.example.com', '[[a]]'])(
  'refuses %s, which is no host name',
  (yaml) => {
    const mistakes = findMistakes(withHosts(yaml));
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toContain('write host names without a port, or "*" for any');
  },
);
