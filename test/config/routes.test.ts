import { expect, test } from 'vitest';
import type { S3Location } from '../../src/config/config.ts';
import { findMistakes, loadText } from './load-text.ts';

const BASE = `
s3:
  bucket: media
  region: eu-west-1
  prefix: films
  endpoint: http://127.0.0.1:9000
  path_style: true
  dualstack: false
  fips: false
  learn_region: true
  signing_region: RegionOne
  signing_service: s3-compatible
`;

const BASE_LOCATION: S3Location = {
  bucket: 'media',
  region: 'eu-west-1',
  prefix: 'films',
  endpoint: 'http://127.0.0.1:9000',
  ca: undefined,
  client: 'wire',
  pathStyle: true,
  dualstack: false,
  fips: false,
  learnRegion: true,
  signingRegion: 'RegionOne',
  signingService: 's3-compatible',
};

test('the longest path stands first, and s3.bucket is the route /', () => {
  const { routes } = loadText(`${BASE}routes: [{path: /a/}, {path: /a/b/c/, bucket: deep}, {path: /zzz/}]\n`);
  expect(routes.map(({ path, s3 }) => [path, s3.bucket])).toEqual([
    ['/a/b/c/', 'deep'],
    ['/zzz/', 'media'],
    ['/a/', 'media'],
    ['/', 'media'],
  ]);
});

test('a route takes from s3 what it does not hold', () => {
  const { routes } = loadText(`${BASE}routes: [{path: /a/, prefix: , region: }]\n`);
  expect(routes[0]).toStrictEqual({ path: '/a/', s3: BASE_LOCATION, credentials: undefined });
});

test.each<[string, Partial<S3Location>]>([
  ['bucket: ads-bucket', { bucket: 'ads-bucket' }],
  ['region: us-west-2', { region: 'us-west-2' }],
  ['prefix: /ads/', { prefix: 'ads' }],
  ['prefix: /', { prefix: '' }],
  ['endpoint: "https://[::1]:9443/"', { endpoint: 'https://[::1]:9443' }],
  ['path_style: false', { pathStyle: false }],
  ['dualstack: true, endpoint: ""', { dualstack: true }],
  ['fips: true', { fips: true }],
  ['learn_region: false', { learnRegion: false }],
  ['signing_region: us-east-1', { signingRegion: 'us-east-1' }],
  ['signing_service: s3-object-lambda', { signingService: 's3-object-lambda' }],
])('a route may override each key of s3: %s', (own, location) => {
  const isForAws = own.includes('dualstack') || own.includes('fips');
  const base = isForAws ? BASE.replace(/ {2}endpoint.*\n/, '') : BASE;
  const endpoint = isForAws ? undefined : BASE_LOCATION.endpoint;
  const { routes } = loadText(`${base}routes: [{path: /a/, ${own}}]\n`);
  expect(routes[0]?.s3).toEqual({ ...BASE_LOCATION, endpoint, ...location });
  expect(routes[1]?.s3).toEqual({ ...BASE_LOCATION, endpoint });
});

test('routes with a bucket each need no s3.bucket; no other path is then served', () => {
  const { routes } = loadText('routes: [{path: /a/, bucket: ads-bucket, region: eu-west-1}]\n');
  expect(routes.map(({ path }) => path)).toEqual(['/a/']);
  expect(findMistakes('s3: {region: eu-west-1}\nroutes: [{path: /a/}]\n')).toEqual([
    'routes[0].bucket: is missing; write a bucket name',
  ]);
});

test('routes in the environment replace those of the file', () => {
  const environment = { S3_HELPER_ROUTES: '[{path: /b/, bucket: bbb}]' };
  const { routes } = loadText(`${BASE}routes: [{path: /a/, bucket: aaa}]\n`, { environment });
  expect(routes.map(({ path }) => path)).toEqual(['/b/', '/']);
});

test.each(['avod', '/avod', 'avod/', '//', '/a//b/', '/a/../b/', '/./', '/a b/', '/a%20b/', '/ä/', '/a?b/'])(
  'refuses the path %s',
  (path) => {
    const [mistake, ...others] = findMistakes(`${BASE}routes: [{path: "${path}", bucket: ads-bucket}]\n`);
    expect(mistake).toContain(
      `routes[0].path: ${JSON.stringify(path)} is not accepted (the-file.yml); write`,
    );
    expect(mistake).toContain('begins and ends with a slash, such as /avod/');
    expect(others).toEqual([]);
  },
);

test.each([
  [
    '[{bucket: ads-bucket}]',
    'routes[0].path: is missing (the-file.yml); write a path that begins and ends with',
  ],
  ['[{path: /a/}, {path: /a/}]', 'routes[1]: /a/ is served by routes[0] already; keep one of them'],
  ['[{path: /, bucket: ads-bucket}]', 'routes[0]: / is served by s3.bucket already; keep one of them'],
  ['[/a/]', 'routes[0]: is not a map (the-file.yml); write one such as {path: /avod/, bucket: my-ads}'],
  ['{path: /a/}', 'routes: is not a list (the-file.yml); write a list of maps such as [{path: /avod/'],
  ['/a/', 'routes: is not a list (the-file.yml); write a list of maps such as [{path: /avod/'],
  [
    '[{path: /a/, fips: maybe}]',
    'routes[0].fips: "maybe" is not accepted (the-file.yml); write true or false',
  ],
  [
    '[{path: /a/, prefix: a/../b}]',
    'routes[0].prefix: "a/../b" is not accepted (the-file.yml); write a key prefix',
  ],
])('refuses routes: %s', (yaml, sentence) => {
  const mistakes = findMistakes(`${BASE}routes: ${yaml}\n`);
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toContain(sentence);
});

test('an endpoint of its own cannot be combined with the host names of AWS', () => {
  const sentence = 'endpoint: cannot be combined with dualstack or fips, which choose a host of AWS';
  const aws = 's3: {bucket: media, region: us-east-1, fips: true}\n';
  const routes = 'routes: [{path: /a/, endpoint: "http://127.0.0.1:9000"}]\n';
  expect(findMistakes(aws + routes)).toEqual([`routes[0].${sentence}`]);
  expect(findMistakes(aws + routes.replace('}]', ', fips: false}]'))).toEqual([]);
  expect(findMistakes(BASE.replace('dualstack: false', 'dualstack: true'))).toEqual([`s3.${sentence}`]);
});

test.each([
  [
    'path_style: true',
    's3.path_style: cannot be combined with the ARN of an access point, which has a host of its own',
  ],
  [
    'endpoint: "http://[::1]:1"',
    's3.endpoint: the ARN of an access point needs one with a host name, not an IP address',
  ],
  ['dualstack: true', 's3.dualstack: Object Lambda access points have no such endpoints; leave it out'],
])('an access point has the endpoints that AWS gave it: not with %s', (line, sentence) => {
  const arn = 'arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/films';
  expect(findMistakes(`s3: {bucket: "${arn}", ${line}}\n`)).toEqual([sentence]);
});

test('there is no FIPS in China', () => {
  expect(findMistakes('s3: {bucket: media, region: cn-north-1, fips: true}\n')).toEqual([
    's3.fips: there are no FIPS endpoints in cn-north-1; leave it out',
  ]);
});

test.each([
  ['media/hd', 'media/hd'],
  ['/media/hd/', 'media/hd'],
  ['//media', 'media'],
  ['"/"', ''],
  ['films ä', 'films ä'],
])('the prefix %s has no slash at its ends', (yaml, prefix) => {
  expect(loadText(BASE.replace('prefix: films', `prefix: ${yaml}`)).routes[0]?.s3.prefix).toBe(prefix);
});

test.each([
  'ftp://storage.example.net',
  'storage.example.net',
  'https://storage.example.net/bucket',
  'https://storage.example.net?x=1',
  'https://storage.example.net:99999',
  'https://[::zz]:1',
])('refuses the endpoint %s', (url) => {
  const mistakes = findMistakes(BASE.replace('http://127.0.0.1:9000', `"${url}"`));
  expect(mistakes).toEqual([
    `s3.endpoint: "${url}" is not accepted (the-file.yml); write http://host[:port] or https://host[:port], with no path`,
  ]);
});
