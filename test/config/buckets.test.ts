import { expect, test } from 'vitest';
import { resolveEndpoint } from '../../src/s3/resolve-endpoint.ts';
import { findMistakes, loadText } from './load-text.ts';

const withBucket = (bucket: string): string => `s3: {bucket: "${bucket}", region: eu-west-1}\n`;

const ARN = 'arn:aws:s3:us-west-2:123456789012:accesspoint/films';
const CHINA_ARN = 'arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/films';

test.each([
  'media',
  'my.dotted.bucket',
  '123',
  'Legacy_Upper-Case',
  'a'.repeat(63),
  'a'.repeat(255),
  'films-abcdefghijklmnopqrstuvwxyz012345-s3alias',
  'arn:aws:s3:us-west-2:123456789012:accesspoint/films',
  'arn:aws:s3:us-west-2:123456789012:accesspoint:films',
  'arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/films',
  'arn:aws-us-gov:s3:us-gov-west-1:123456789012:accesspoint/films',
  'arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/films',
])('takes the bucket %s, and an endpoint can be made of it', (bucket) => {
  const s3 = loadText(withBucket(bucket)).routes[0]!.s3;
  expect(s3.bucket).toBe(bucket);
  expect(resolveEndpoint(s3).hostname).toMatch(/\.amazonaws\.com(?:\.cn)?$/);
});

test.each([
  'ab',
  'a'.repeat(256),
  'media/films',
  'média',
  '-media',
  'media-',
  's3://media',
  'media--use1-az4--x-s3',
  'films--use1-az4--xa-s3',
  'films-abc--op-s3',
  'films--table-s3',
  'mfzwi23gnjvgw.mrap',
  'arn:aws:s3:::media',
  'arn:aws:s3:us-west-2:1234:accesspoint/films',
  'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap',
  'arn:aws:s3::123456789012:accesspoint:films',
  'arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/accesspoint/films',
  'arn:aws:s3express:us-west-2:123456789012:bucket/media--usw2-az1--x-s3',
])('refuses the bucket %s at load, where an endpoint would fail later', (bucket) => {
  const mistakes = findMistakes(withBucket(bucket));
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toMatch(/^s3\.bucket: "/);
  expect(mistakes[0]).toContain('is not accepted (the-file.yml); write a bucket name (3 to 255 of');
  expect(mistakes[0]).toContain('or the ARN of an access point in one region');
});

test('a directory bucket is told why it is refused, in a route too', () => {
  const text = `${withBucket('media')}routes: [{path: /fast/, bucket: media--use1-az4--x-s3}]\n`;
  expect(findMistakes(text)).toEqual([
    expect.stringMatching(
      /^routes\[0\]\.bucket: .+directory buckets \(S3 Express\).+ need another signature$/,
    ),
  ]);
});

test('there is an endpoint for everything that is accepted, and a mistake for everything that has none', () => {
  const switches = ['path_style', 'dualstack', 'fips'];
  let count = 0;
  for (const bucket of ['media', 'my.bucket', ARN, ARN.replace(':s3:', ':s3-object-lambda:'), CHINA_ARN])
    for (const region of ['eu-west-1', 'cn-north-1', 'us-gov-west-1'])
      for (const endpoint of [
        '',
        'http://127.0.0.1:9000',
        'http://[::1]:9000',
        'https://storage.example.net',
      ])
        for (let bits = 0; bits < 2 ** switches.length; bits++) {
          const choices = switches.map((name, index) => `${name}: ${String((bits & (1 << index)) !== 0)}`);
          const text = `s3: {bucket: "${bucket}", region: ${region}, endpoint: "${endpoint}", ${choices.join(', ')}}\n`;
          const isAccepted = findMistakes(text).length === 0;
          if (isAccepted) expect(() => resolveEndpoint(loadText(text).routes[0]!.s3)).not.toThrow();
          count += isAccepted ? 1 : 0;
        }
  expect(count).toBeGreaterThan(100);
});
