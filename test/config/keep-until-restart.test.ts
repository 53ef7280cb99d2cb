import { expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { keepUntilRestart } from '../../src/config/keep-until-restart.ts';
import { BUCKET_AND_REGION, loadText } from './load-text.ts';

const LICENSE = 'a'.repeat(40);

test.each<[key: string, yaml: string, read: (config: Config) => unknown]>([
  ['workers', 'workers: 4', ({ workers }) => workers],
  ['log.destination', 'log: {destination: stderr}', ({ log }) => log.destination],
  ['log.ident', 'log: {ident: other}', ({ log }) => log.ident],
  ['newrelic', `newrelic: {license: ${LICENSE}, name: media}`, ({ newRelic }) => newRelic],
  ['statsd', 'statsd: {address: "127.0.0.1:8125"}', ({ statsd }) => statsd],
  ['admin.listen', 'admin: {listen: 127.0.0.1:8081}', ({ admin }) => admin.listen],
])('%s stays as it is until a restart, and is named', (key, yaml, read) => {
  const inForce = loadText(BUCKET_AND_REGION);
  const next = loadText(`${BUCKET_AND_REGION}${yaml}\n`);
  expect(read(next)).not.toEqual(read(inForce));
  const { config, waiting } = keepUntilRestart(inForce, next);
  expect(waiting).toEqual([key]);
  expect(config).toEqual(inForce);
  // Back again, there is nothing to wait for.
  expect(keepUntilRestart(inForce, loadText(BUCKET_AND_REGION)).waiting).toEqual([]);
});

test('everything else is taken over', () => {
  const inForce = loadText(BUCKET_AND_REGION);
  const next = loadText(
    `s3: {bucket: other, region: us-east-1}\nlisten: 127.0.0.1:9\nlog: {level: debug, access: errors, sample: 0.5}\n` +
      'timeouts: {drain: 5s}\nlimits: {max_requests: 3}\nallowed_hosts: [a.example]\ncredentials: {source: instance}\n',
  );
  expect(keepUntilRestart(inForce, next)).toEqual({ config: next, waiting: [] });
});
