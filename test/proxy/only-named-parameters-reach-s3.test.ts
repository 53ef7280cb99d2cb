import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

/** Each would be another operation, or another signature, if it came through. */
const FORBIDDEN = [
  'acl',
  'ACL',
  '%61cl',
  'a%63%6C=',
  'list-type=2',
  'list-type=2&prefix=secret/',
  'uploads',
  'tagging',
  'torrent',
  'attributes',
  'legal-hold',
  'retention',
  'policy',
  'versioning',
  'versions',
  'location',
  'uploadId=1',
  'x-id=ListBuckets',
  'select&select-type=2',
  'X-Amz-Signature=0123',
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=mine&X-Amz-Expires=60',
  'x-amz-security-token=mine',
  'AWSAccessKeyId=mine&Signature=mine&Expires=1',
  'versionid=v1',
  'VersionId=v1',
  'partnumber=1',
  'response-content-type%00=text/html',
  'response-foo=1',
  'response-=1',
  '%zz=1',
  '%=1',
  'acl%2',
  'acl;versionId=v1',
  'versionId%3Dv1',
  '?versionId=v1',
  '=',
  '&&&',
  '',
];

test.each(FORBIDDEN)('?%s does not reach S3', async (query) => {
  scene.s3.put('a', 'object');
  expect(await scene.ask(`/a?${query}`)).toMatchObject({ status: 200, text: 'object' });
  expect(scene.onlySeen().target).toBe('/media/a');
  expect(await scene.proxy.nextReport()).toMatchObject({ key: 'a', status: 200 });
});

test('Every forbidden parameter at once does not reach S3, and takes no allowed one along.', async () => {
  scene.s3.put('a', 'object', { versionId: 'v1' });
  const query = FORBIDDEN.filter((parameter) => parameter !== '?versionId=v1').join('&');
  expect(await scene.ask(`/a?${query}&versionId=v1&${query}`)).toMatchObject({ status: 200 });
  expect(scene.onlySeen().target).toBe('/media/a?versionId=v1');
});

test('A parameter of the path, encoded, stays in the key.', async () => {
  scene.s3.put('a?acl', 'object');
  expect(await scene.ask('/a%3Facl')).toMatchObject({ status: 200, text: 'object' });
  expect(scene.onlySeen().target).toBe('/media/a%3Facl');
});

describe('The parameters of GetObject reach S3 once, sorted and in canonical form:', () => {
  test.each([
    ['versionId=v1', 'versionId=v1'],
    ['%76ersion%49d=v1', 'versionId=v1'],
    ['versionId=v1&versionId=v2', 'versionId=v1'],
    ['partNumber=1', 'partNumber=1'],
    [
      'response-content-type=text/html;%20charset=utf-8',
      'response-content-type=text%2Fhtml%3B%20charset%3Dutf-8',
    ],
    ['response-content-type=text%2fhtml', 'response-content-type=text%2Fhtml'],
    ['response-content-language=a+b', 'response-content-language=a%20b'],
    ["response-cache-control=!'()*~", 'response-cache-control=%21%27%28%29%2A~'],
    ['response-expires=a=b', 'response-expires=a%3Db'],
    ['response-content-disposition=%c3%a9', 'response-content-disposition=%C3%A9'],
    ['response-content-encoding', 'response-content-encoding='],
    ['versionId=v1&acl&response-expires=0&partNumber=1', 'partNumber=1&response-expires=0&versionId=v1'],
  ])('?%s', async (query, wire) => {
    scene.s3.put('a', 'object', { versionId: 'v1' });
    const { status } = await scene.ask(`/a?${query}`);
    expect([200, 206]).toContain(status);
    expect(scene.onlySeen().target).toBe(`/media/a?${wire}`);
  });
});

test.each([
  'versionId=%',
  'versionId=%zz',
  'partNumber=%4',
  'response-content-type=%ff',
  'response-expires=%C3',
])('A value that cannot be decoded is refused with 400: ?%s', async (query) => {
  const answer = await scene.ask(`/a?${query}`);
  expect(answer).toMatchObject({
    status: 400,
    text: expect.stringContaining('<Code>InvalidURI</Code>') as string,
  });
  expect(scene.s3.seen).toEqual([]);
  expect(await scene.proxy.nextReport()).toMatchObject({ status: 400, failure: 'bad_percent_encoding' });
});
