import { expect, test } from 'vitest';
import { needsRegion } from '../../src/config/needs-region.ts';
import type { WrittenConfig, WrittenValue } from '../../src/config/read-config.ts';

const FILE = '/etc/s3-helper.yml';
const ARN = 'arn:aws:s3:us-west-2:123456789012:accesspoint/films';

interface Written {
  readonly settings?: Readonly<Record<string, string>>;
  readonly legacy?: Readonly<Record<string, string>>;
  readonly routes?: unknown;
  readonly routesOrigin?: string;
  readonly awsRegion?: string;
}

function write({
  settings = {},
  legacy = {},
  routes,
  routesOrigin = FILE,
  awsRegion,
}: Written): WrittenConfig {
  const inFile = (value: string): WrittenValue => ({ value, origin: FILE });
  const toMap = (values: Readonly<Record<string, string>>): Map<string, WrittenValue> =>
    new Map(Object.entries(values).map(([name, value]) => [name, inFile(value)]));
  return {
    file: FILE,
    settings: toMap(settings),
    legacy: toMap(legacy),
    routes: routes === undefined ? undefined : { value: routes, origin: routesOrigin },
    awsRegion: awsRegion === undefined ? undefined : { value: awsRegion, origin: 'environment AWS_REGION' },
    mistakes: [],
  };
}

test.each<[string, Written]>([
  ['s3.bucket alone', { settings: { 's3.bucket': 'media' } }],
  ['s3_bucket alone', { legacy: { s3_bucket: 'media' } }],
  ['a route alone', { routes: [{ path: '/a/', bucket: 'ads' }] }],
  ['a route whose region is empty', { routes: [{ path: '/a/', bucket: 'ads', region: '' }] }],
  [
    'a route beside an access point',
    { settings: { 's3.bucket': ARN }, routes: [{ path: '/a/', bucket: 'ads' }] },
  ],
  [
    'one of two routes',
    {
      routes: [
        { path: '/a/', bucket: 'ads', region: 'eu-west-1' },
        { path: '/b/', bucket: 'ads' },
      ],
    },
  ],
  [
    's3.bucket, where only a route has a region',
    { settings: { 's3.bucket': 'media' }, routes: [{ path: '/a/', region: 'eu-west-1' }] },
  ],
  ['s3_ad_bucket beside an access point', { legacy: { s3_bucket: ARN, s3_ad_bucket: 'spots' } }],
  ['s3_ad_bucket alone', { legacy: { s3_ad_bucket: 'spots' } }],
])('a region is needed for %s', (_, written) => {
  expect(needsRegion(write(written))).toBe(true);
});

const LACKING = { 's3.bucket': 'media' };

test.each<[string, Written]>([
  ['AWS_REGION says one', { settings: LACKING, awsRegion: 'eu-west-1' }],
  ['s3.region says one', { settings: { ...LACKING, 's3.region': 'eu-west-1' } }],
  ['s3.region says something, be it a mistake', { settings: { ...LACKING, 's3.region': '?' } }],
  ['s3_region says one', { legacy: { s3_bucket: 'media', s3_region: 'eu-west-1' } }],
  ['the bucket is an access point', { settings: { 's3.bucket': ARN } }],
  ['the old bucket is an access point', { legacy: { s3_bucket: ARN, s3_ad_bucket: ARN } }],
  ['a route takes over an access point', { settings: { 's3.bucket': ARN }, routes: [{ path: '/a/' }] }],
  [
    'a route with an empty bucket takes over an access point',
    { settings: { 's3.bucket': ARN }, routes: [{ path: '/a/', bucket: '' }] },
  ],
  ["a route's bucket is an access point", { routes: [{ path: '/a/', bucket: ARN }] }],
  ['every route says one', { routes: [{ path: '/a/', bucket: 'ads', region: 'eu-west-1' }] }],
  [
    'routes in the environment replace s3_ad_bucket',
    {
      legacy: { s3_bucket: ARN, s3_ad_bucket: 'spots' },
      routes: [{ path: '/a/' }],
      routesOrigin: 'environment S3_HELPER_ROUTES',
    },
  ],
  ['there is no bucket at all, which is a mistake of its own', {}],
  ['a route has no bucket, which is a mistake of its own', { routes: [{ path: '/a/' }] }],
  ['routes are no list, which is a mistake of its own', { routes: { path: '/a/', bucket: 'ads' } }],
  ['a route is no map, which is a mistake of its own', { routes: ['/a/', null] }],
])('no region is needed where %s', (_, written) => {
  expect(needsRegion(write(written))).toBe(false);
});
