import { expect, test } from 'vitest';
import { findMistakes, loadText } from './load-text.ts';

const S3 = 's3: {bucket: films, region: eu-west-1}\n';

test('nothing is sent unless an address is written', () => {
  expect(loadText(S3).statsd).toEqual({
    address: undefined,
    prefix: 's3-helper',
    tags: 'none',
    sampleRate: 1,
    flushIntervalMs: 10_000,
  });
});

test.each([
  ['127.0.0.1:8125', { kind: 'udp', host: '127.0.0.1', port: 8125 }],
  [':8125', { kind: 'udp', host: '127.0.0.1', port: 8125 }],
  ['metrics.example.com:9125', { kind: 'udp', host: 'metrics.example.com', port: 9125 }],
  ['[2001:db8::1]:8125', { kind: 'udp', host: '2001:db8::1', port: 8125 }],
  ['unix:/run/datadog/dsd.socket', { kind: 'unix', path: '/run/datadog/dsd.socket' }],
])('%s is an address', (text, address) => {
  expect(loadText(`${S3}statsd: {address: "${text}"}\n`).statsd.address).toEqual(address);
});

test.each([
  ['address', 'localhost', 'host:port'],
  ['address', 'localhost:0', 'host:port'],
  ['address', 'localhost:65536', 'host:port'],
  ['address', '[localhost]:8125', 'host:port'],
  ['address', 'udp://localhost:8125', 'host:port'],
  ['address', 'unix:relative', 'host:port'],
  ['address', `unix:/${'long'.repeat(27)}`, 'host:port'],
  ['prefix', 'a:b', 'a name such as prod.s3-helper'],
  ['prefix', 'a|b', 'a name such as prod.s3-helper'],
  ['tags', 'etsy', 'none or datadog'],
  ['sample_rate', '1.5', 'a share from 0 to 1'],
  ['sample_rate', '-1', 'a share from 0 to 1'],
  ['flush_interval', '10ms', 'a duration from 100ms to 1h'],
  ['flush_interval', '2h', 'a duration from 100ms to 1h'],
])('%s: %s is a mistake', (key, text, form) => {
  const [mistake, ...more] = findMistakes(`${S3}statsd: {${key}: "${text}"}\n`);
  expect(mistake).toContain(`statsd.${key}: `);
  expect(mistake).toContain(`write ${form}`);
  expect(more).toEqual([]);
});
