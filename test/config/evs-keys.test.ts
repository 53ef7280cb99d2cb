import { expect, test } from 'vitest';
import { findMistakes, loadText } from './load-text.ts';

const EVS = 's3_bucket: films\ns3_region: eu-west-1\nallowed_hosts: []\n';

test('every Host is accepted, with a warning, until allowed_hosts says otherwise', () => {
  const text = EVS.replace('allowed_hosts: []\n', '');
  expect(loadText(text)).toMatchObject({
    allowedHosts: ['*'],
    warnings: [expect.stringMatching(/any Host header is accepted.+allowed_hosts/)],
  });
  expect(loadText(EVS)).toMatchObject({ allowedHosts: [], warnings: [] });
  const environment = { S3_HELPER_ALLOWED_HOSTS: 'films.example.com' };
  expect(loadText(text, { environment })).toMatchObject({
    allowedHosts: ['films.example.com'],
    warnings: [],
  });
});

test.each([
  [':8080', '127.0.0.1', []],
  ['localhost:8080', '127.0.0.1', []],
  ['127.0.0.1:8080', '127.0.0.1', []],
  [
    '0.0.0.0:8080',
    '127.0.0.1',
    [/^listen: 0\.0\.0\.0:8080 is taken as 127\.0\.0\.1:8080, since evs-s3helper/],
  ],
  ['[::]:8080', '127.0.0.1', [/^listen: \[::\]:8080 is taken as 127\.0\.0\.1:8080/]],
])(
  'listens on %s as on the loopback address, where evs-s3helper refused all other peers',
  (text, host, warnings) => {
    const config = loadText(`${EVS}listen: "${text}"\n`);
    expect(config.listen).toEqual([{ kind: 'tcp', host, port: 8080 }]);
    expect(config.warnings).toHaveLength(warnings.length);
    for (const [index, pattern] of warnings.entries()) expect(config.warnings[index]).toMatch(pattern);
  },
);

test('an address of all machines that is no part of the file is not softened', () => {
  expect(findMistakes(EVS, { flags: { listen: '0.0.0.0:8080' } })).toHaveLength(1);
  expect(loadText(`${EVS}listen: 0.0.0.0:8080\nallow_remote: true\n`).listen).toMatchObject([
    { host: '0.0.0.0' },
  ]);
});

test.each([
  ['3s', 3000, undefined],
  ['1m30s', 90_000, undefined],
  ['1.5s', 1500, undefined],
  ['3000000000', 3000, 's3_timeout: 3000000000 is taken as 3000ms'],
  ['3', 2000, 's3_timeout: 3 is taken as 2s'],
  ['0', 2000, 's3_timeout: 0 is taken as 2s'],
  ['0s', 2000, 's3_timeout: 0s is taken as 2s'],
  ['100us', 2000, 's3_timeout: 100us is taken as 2s'],
  ['-1s', 2000, 's3_timeout: -1s is taken as 2s'],
])('s3_timeout: %s is a first byte within %i ms', (text, ms, warning) => {
  const config = loadText(`${EVS}s3_timeout: ${text}\n`);
  expect(config.timeouts.firstByteMs).toBe(ms);
  expect(config.warnings).toEqual(warning === undefined ? [] : [warning]);
});

test.each([
  ['debug', 'debug'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['error', 'error'],
  ['fatal', 'fatal'],
  ['trace', 'trace'],
  ['panic', 'fatal'],
  ['disabled', 'silent'],
  ['warning', 'warn'],
  ['notice', 'info'],
  ['err', 'error'],
  ['crit', 'fatal'],
  ['INFO', 'info'],
  ['loud', 'warn'],
])('the level %s is %s', (text, level) => {
  const warnings = text === level ? [] : [`logging.level: ${text} is taken as ${level}`];
  expect(loadText(`${EVS}logging: {level: ${text}}\n`)).toMatchObject({ log: { level }, warnings });
  expect(loadText(`${EVS}loglevel: ${text}\n`).log.level).toBe(level);
});

test.each([
  ['s3_prefix', '/catalogue'],
  ['s3_prefix', 'catalogue/'],
  ['s3_path', '/catalogue'],
])('%s: %s is the prefix of each key', (key, value) => {
  expect(loadText(`${EVS}${key}: ${value}\n`).routes[0]?.s3.prefix).toBe('catalogue');
});

test('of two old keys for one thing, the one that the last version read wins', () => {
  const config = loadText(`${EVS}s3_path: /a\ns3_prefix: /b\nloglevel: debug\nlogging: {level: error}\n`);
  expect(config.routes[0]?.s3.prefix).toBe('b');
  expect(config.log.level).toBe('error');
  expect(config.warnings).toEqual([
    'loglevel: is ignored, since logging.level is given too',
    's3_path: is ignored, since s3_prefix is given too',
  ]);
});

test('s3_ad_bucket is the route /avod/, with the prefix and the region of the other bucket', () => {
  const { routes } = loadText(`${EVS}s3_prefix: /catalogue\ns3_ad_bucket: spots\n`);
  expect(routes.map(({ path, s3 }) => [path, s3.bucket, s3.region, s3.prefix])).toEqual([
    ['/avod/', 'spots', 'eu-west-1', 'catalogue'],
    ['/', 'films', 'eu-west-1', 'catalogue'],
  ]);
});

test('s3_ad_bucket goes with routes, unless one of them is /avod/ too', () => {
  const text = `${EVS}s3_ad_bucket: spots\n`;
  const { routes } = loadText(`${text}routes: [{path: /trailers/, bucket: trailers}]\n`);
  expect(routes.map(({ path }) => path)).toEqual(['/trailers/', '/avod/', '/']);
  expect(findMistakes(`${text}routes: [{path: /avod/, bucket: other}]\n`)).toEqual([
    's3_ad_bucket: /avod/ is served by routes[0] already; keep one of them',
  ]);
});

test.each([
  ['statsd_addr: ":8125"', { kind: 'udp', host: '127.0.0.1', port: 8125 }, 's3-helper', []],
  [
    'statsd_addr: metrics:8126\nstatsd_env: prod',
    { kind: 'udp', host: 'metrics', port: 8126 },
    'prod.s3-helper',
    ['statsd_env: prod is taken as prod.s3-helper'],
  ],
  [
    'statsd_environment: test',
    undefined,
    'test.s3-helper',
    ['statsd_environment: test is taken as test.s3-helper'],
  ],
  [
    'statsd_environment: test\nstatsd_env: prod',
    undefined,
    'prod.s3-helper',
    [
      'statsd_env: prod is taken as prod.s3-helper',
      'statsd_environment: test is taken as test.s3-helper',
      'statsd_environment: is ignored, since statsd_env is given too',
    ],
  ],
])('%s: counters go where they went, under the names they had', (lines, address, prefix, warnings) => {
  const config = loadText(`${EVS}${lines}\n`);
  expect(config.statsd).toMatchObject({ prefix, tags: 'none' });
  expect(config.statsd.address).toEqual(address);
  expect(config.warnings).toEqual(warnings);
});

test.each([
  'statsd_addr:',
  'statsd_addr: ""',
  'newrelic: {license: "", name: }',
  'newrelic:',
  'logging: {level: }',
])('a blank key says nothing: %s', (line) => {
  expect(loadText(`${EVS}${line}\n`)).toEqual(loadText(EVS));
});

test.each([
  ['s3_bucket: A!', 's3_bucket: "A!" is not accepted (the-file.yml); write a bucket name'],
  ['s3_ad_bucket: A!', 's3_ad_bucket: "A!" is not accepted (the-file.yml); write a bucket name'],
  ['s3_region: Ireland', 's3_region: "Ireland" is not accepted (the-file.yml); write an AWS region'],
  ['s3_timeout: soon', 's3_timeout: "soon" is not accepted (the-file.yml); write a duration such as'],
  ['s3_retries: many', 's3_retries: "many" is not accepted (the-file.yml); write a number from 1 to 10'],
  [
    'concurrency: all',
    'concurrency: "all" is not accepted (the-file.yml); write auto, or a number from 1 to 64',
  ],
  ['statsd_addr: localhost', 'statsd_addr: "localhost" is not accepted (the-file.yml); write host:port'],
  [
    'statsd_env: "a b"',
    'statsd_env: "a b" is not accepted (the-file.yml); write a name such as prod.s3-helper',
  ],
  ['s3_prefix: /a/../b', 's3_prefix: "/a/../b" is not accepted (the-file.yml); write a key prefix'],
  [
    'logging: {level: [info]}',
    "logging.level: [ 'info' ] is not accepted (the-file.yml); write one of trace",
  ],
  ['s3: {bucket: other}', 's3_bucket: is given together with s3.bucket (the-file.yml); keep one of them'],
])('a mistake in an old key is told by that key: %s', (line, sentence) => {
  const key = line.split(':')[0] ?? '';
  const others = EVS.split('\n').filter((kept) => !kept.startsWith(`${key}:`));
  const [mistake, ...more] = findMistakes(`${others.join('\n')}${line}\n`);
  expect(mistake).toContain(sentence);
  expect(more).toEqual([]);
});
