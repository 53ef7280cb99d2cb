import { expect, test } from 'vitest';
import { BUCKET_AND_REGION, findMistakes, loadText } from './load-text.ts';

const regionsOf = (text: string, environment: Record<string, string> = {}): readonly string[] =>
  loadText(text, { environment }).routes.map(({ s3 }) => s3.region);

test.each([
  { said: 's3.region', environment: { S3_HELPER_S3_REGION: 'eu-north-1' }, region: 'eu-north-1' },
  { said: 'AWS_REGION', environment: {}, region: 'eu-west-2' },
  { said: 'AWS_DEFAULT_REGION', environment: { AWS_REGION: '' }, region: 'eu-west-3' },
])(
  'the first that is said of s3.region, AWS_REGION and AWS_DEFAULT_REGION: $said',
  ({ environment, region }) => {
    const aws = { AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'eu-west-3' };
    expect(regionsOf('s3: {bucket: media}\n', { ...aws, ...environment })).toEqual([region]);
  },
);

test('the region of the file wins over AWS_REGION', () => {
  expect(regionsOf('s3: {bucket: media, region: eu-west-1}\n', { AWS_REGION: 'eu-west-2' })).toEqual([
    'eu-west-1',
  ]);
  expect(regionsOf('s3_bucket: media\ns3_region: eu-west-1\n', { AWS_REGION: 'eu-west-2' })).toEqual([
    'eu-west-1',
  ]);
});

test("an access point's region is that of its ARN", () => {
  const arn = 'arn:aws:s3:us-west-2:123456789012:accesspoint/films';
  expect(regionsOf(`s3: {bucket: "${arn}"}\n`)).toEqual(['us-west-2']);
  expect(
    regionsOf(`s3: {bucket: media, region: eu-west-1}\nroutes: [{path: /a/, bucket: "${arn}"}]\n`),
  ).toEqual(['us-west-2', 'eu-west-1']);
});

test('no region at all is one sentence for each bucket that needs one', () => {
  expect(
    findMistakes('s3: {bucket: media}\nroutes: [{path: /a/, region: us-east-1}, {path: /b/}]\n'),
  ).toEqual([
    's3.region: is missing; write an AWS region such as eu-west-1, or set AWS_REGION',
    'routes[1].region: is missing; write an AWS region such as eu-west-1, or set AWS_REGION',
  ]);
});

test('a mistake in AWS_REGION is told as one', () => {
  expect(findMistakes('s3: {bucket: media}\n', { environment: { AWS_REGION: 'Ireland!' } })).toEqual([
    's3.region: "Ireland!" is not accepted (environment AWS_REGION); write an AWS region such as eu-west-1',
  ]);
});

test('a region is learned unless said otherwise, of s3 or of a route', () => {
  const learned = (text: string): readonly boolean[] => loadText(text).routes.map(({ s3 }) => s3.learnRegion);
  expect(learned(BUCKET_AND_REGION)).toEqual([true]);
  const routes = 'routes: [{path: /a/}, {path: /bb/, learn_region: true}]\n';
  expect(learned(`s3: {bucket: media, region: eu-west-1, learn_region: false}\n${routes}`)).toEqual([
    true,
    false,
    false,
  ]);
});
