import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { LEGACY_KEYS } from '../../src/config/legacy-keys.ts';
import { loadText } from './load-text.ts';

const read = (name: string): string =>
  readFileSync(new URL(`../fixtures/evs/${name}.yml`, import.meta.url), 'utf8');

/** What an operator would look at. */
function summarize({ statsd, ...config }: Config): unknown {
  const { listen, allowedHosts, routes, timeouts, retries, workers, log } = config;
  const { address, prefix } = statsd;
  return {
    listen: listen.map((address) =>
      address.kind === 'tcp' ? `${address.host}:${address.port}` : address.path,
    ),
    hosts: allowedHosts,
    routes: routes.map(({ path, s3 }) => `${path} -> ${s3.region} ${s3.bucket}/${s3.prefix}`),
    firstByteMs: timeouts.firstByteMs,
    attempts: retries.attempts,
    workers,
    log: { level: log.level, ident: log.ident },
    statsd: address?.kind === 'udp' ? `${prefix} to ${address.host}:${address.port}` : undefined,
  };
}

test.each([
  {
    name: '2016',
    listen: '127.0.0.1:8080',
    routes: ['/ -> eu-west-1 films/catalogue'],
    firstByteMs: 5000,
    attempts: 6,
    workers: 'auto',
    log: { level: 'info', ident: 's3-helper' },
  },
  {
    name: '2019',
    listen: '127.0.0.1:8001',
    routes: ['/avod/ -> eu-west-1 spots/', '/ -> eu-west-1 films/'],
    firstByteMs: 30_000,
    attempts: 6,
    workers: 2,
    log: { level: 'warn', ident: 's3-helper' },
    statsd: 'prod.s3-helper to 127.0.0.1:8125',
  },
  {
    name: '2022',
    listen: '127.0.0.1:8080',
    routes: ['/avod/ -> eu-west-1 spots/catalogue', '/ -> eu-west-1 films/catalogue'],
    firstByteMs: 2000,
    attempts: 3,
    workers: 'auto',
    log: { level: 'fatal', ident: 'films' },
  },
  {
    name: 'readme',
    listen: '127.0.0.1:8080',
    routes: ['/avod/ -> eu-west-1 spots/catalogue', '/ -> eu-west-1 films/catalogue'],
    firstByteMs: 3000,
    attempts: 4,
    workers: 4,
    log: { level: 'info', ident: 's3-helper' },
    statsd: 'dev.s3-helper to localhost:8125',
  },
  {
    name: 'minimal',
    listen: '127.0.0.1:8080',
    routes: ['/ -> eu-west-1 films/'],
    firstByteMs: 2000,
    attempts: 3,
    workers: 1,
    log: { level: 'info', ident: 's3-helper' },
  },
])('an evs-s3helper file of the kind $name works unchanged, for any Host', ({ name, listen, ...rest }) => {
  const config = loadText(read(name));
  expect(summarize(config)).toEqual({ listen: [listen], hosts: ['*'], ...rest });
  expect(config.warnings.join('\n')).toContain('any Host header is accepted');
  expect(config.warnings.join('\n')).toContain('allowed_hosts');
});

test("evs-s3helper's keys and today's can stand in one file", () => {
  const config = loadText(read('mixed'));
  expect(summarize(config)).toEqual({
    listen: ['127.0.0.1:8080'],
    hosts: ['films.example.com'],
    routes: ['/trailers/ -> eu-west-1 trailers/catalogue', '/ -> eu-west-1 films/catalogue'],
    firstByteMs: 90_000,
    attempts: 3,
    workers: 1,
    log: { level: 'debug', ident: 's3-helper' },
  });
  expect(config.routes.every(({ s3 }) => s3.dualstack)).toBe(true);
  expect(config.timeouts.drainMs).toBe(5000);
  expect(config.warnings).toEqual([]);
});

test('the README kind holds every key but those that only the code had', () => {
  const onlyInCode = ['loglevel', 's3_prefix'];
  const text = read('readme');
  for (const name of LEGACY_KEYS.keys()) {
    const key = name.replace(/^.*\./, '');
    expect([name, new RegExp(`^ *${key}:`, 'm').test(text)]).toEqual([name, !onlyInCode.includes(name)]);
  }
});

test('environment and flags win over an evs-s3helper file', () => {
  const config = loadText(read('2022'), {
    environment: {
      S3_HELPER_S3_BUCKET: 'other',
      S3_HELPER_ROUTES: '[]',
      S3_HELPER_ALLOWED_HOSTS: 'a.example.com',
    },
    flags: { listen: '127.0.0.1:9', 's3.prefix': '/' },
  });
  expect(summarize(config)).toMatchObject({
    listen: ['127.0.0.1:9'],
    hosts: ['a.example.com'],
    routes: ['/ -> eu-west-1 other/'],
  });
});
