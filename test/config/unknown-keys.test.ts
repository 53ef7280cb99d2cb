import { expect, test } from 'vitest';
import { BUCKET_AND_REGION, findMistakes } from './load-text.ts';

test.each([
  ['bukcet: media', 'bukcet: no such key (the-file.yml)'],
  ['s3_bukcet: media', 's3_bukcet: no such key (the-file.yml); did you mean s3_bucket?'],
  ['timeout: {connect: 1s}', 'timeout.connect: no such key (the-file.yml); did you mean timeouts.connect?'],
  [
    'timeouts: {firstbyte: 1s}',
    'timeouts.firstbyte: no such key (the-file.yml); did you mean timeouts.first_byte?',
  ],
  ['log: {Level: info}', 'log.Level: no such key (the-file.yml); did you mean log.level?'],
  ['cache: {size: 1g}', 'cache.size: no such key (the-file.yml); --help lists all'],
  [
    'timeouts: 10s',
    'timeouts: holds keys, not a value (the-file.yml); write one of timeouts.connect, timeouts.first_',
  ],
  ['__proto__: {listen: x}', '__proto__.listen: no such key (the-file.yml)'],
])('an unknown key is a mistake, with the nearest known one: %s', (line, sentence) => {
  const mistakes = findMistakes(`${BUCKET_AND_REGION}${line}\n`);
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toContain(sentence);
});

test('an unknown key of a route is a mistake that lists the known ones', () => {
  expect(findMistakes('routes: [{path: /a/, bucket: media, region: eu-west-1, fisp: true}]\n')).toEqual([
    'routes[0].fisp: no such key (the-file.yml); known: path, bucket, region, prefix, endpoint, ca, client, path_style, dualstack, fips, learn_region, signing_region, signing_service, credentials',
  ]);
});

test('an unknown environment variable with our beginning is a mistake', () => {
  const environment = { S3_HELPER_S3_BUCKTE: 'media', S3_BUCKET: 'not ours' };
  expect(findMistakes(BUCKET_AND_REGION, { environment })).toEqual([
    'S3_HELPER_S3_BUCKTE: no such environment variable; did you mean S3_HELPER_S3_BUCKET?',
  ]);
});

test('the variables that Kubernetes makes for a Service named s3-helper are no mistake', () => {
  const environment = {
    S3_HELPER_SERVICE_HOST: '10.0.0.7',
    S3_HELPER_SERVICE_PORT: '8080',
    S3_HELPER_SERVICE_PORT_HTTP: '8080',
    S3_HELPER_PORT: 'tcp://10.0.0.7:8080',
    S3_HELPER_PORT_8080_TCP_ADDR: '10.0.0.7',
  };
  expect(findMistakes(BUCKET_AND_REGION, { environment })).toEqual([]);
});
