import { expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

/** The headers of GetObject and HeadObject that are AWS's own (its API model), and those of compatible servers. */
const AWS_HEADERS = [
  'x-amz-id-2',
  'x-amz-request-id',
  'x-amz-delete-marker',
  'x-amz-version-id',
  'x-amz-expiration',
  'x-amz-restore',
  'x-amz-archive-status',
  'x-amz-missing-meta',
  'x-amz-website-redirect-location',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-server-side-encryption-customer-key-MD5',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
  'x-amz-storage-class',
  'x-amz-request-charged',
  'x-amz-replication-status',
  'x-amz-mp-parts-count',
  'x-amz-tagging-count',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
  'x-amz-checksum-crc32',
  'x-amz-checksum-crc32c',
  'x-amz-checksum-crc64nvme',
  'x-amz-checksum-sha1',
  'x-amz-checksum-sha256',
  'x-amz-checksum-sha512',
  'x-amz-checksum-md5',
  'x-amz-checksum-xxhash64',
  'x-amz-checksum-type',
  'x-amz-bucket-region',
  'x-amz-meta-author',
  'X-AMZ-META-UPPER',
  'x-amzn-trace-id',
  'x-minio-deployment-id',
  'x-trans-id',
  'x-openstack-request-id',
  'x-rgw-object-type',
  'x-cache',
  'via',
  'x-accel-redirect',
  'x-accel-buffering',
  'set-cookie',
  'strict-transport-security',
  'access-control-allow-origin',
  'vary',
  'age',
  'link',
  'location',
  'www-authenticate',
  'keep-alive',
  'proxy-authenticate',
  'upgrade',
  'trailer',
];

const OBJECT_HEADERS = {
  'Cache-Control': 'max-age=60',
  'Content-Disposition': 'attachment',
  'Content-Encoding': 'gzip',
  'Content-Language': 'en',
  Expires: 'Thu, 01 Dec 2044 16:00:00 GMT',
};

function namesOf(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 0).sort();
}

function injectAwsHeaders(): void {
  scene.s3.inject({ kind: 'headers', add: AWS_HEADERS.map((name) => [name, 'of-aws'] as const) });
}

test.each(['GET', 'HEAD'] as const)(
  'A 200 to %s carries the standard headers and no other.',
  async (method) => {
    scene.s3.put('a', 'object', { headers: OBJECT_HEADERS, versionId: 'v1' });
    injectAwsHeaders();
    const answer = await scene.ask('/a', { method });
    expect(answer.status).toBe(200);
    expect(namesOf(answer.rawHeaders)).toEqual([
      'Accept-Ranges',
      'Cache-Control',
      'Connection',
      'Content-Disposition',
      'Content-Encoding',
      'Content-Language',
      'Content-Length',
      'Content-Type',
      'Date',
      'ETag',
      'Expires',
      'Last-Modified',
    ]);
    expect(JSON.stringify(answer.rawHeaders)).not.toMatch(/of-aws|AmazonS3/);
    const report = await scene.proxy.nextReport();
    expect(report).toMatchObject({ status: 200, failure: undefined });
    expect(report.s3RequestId).toMatch(/^[0-9A-F]{16}$/);
  },
);

test('A 206 carries Content-Range beside them.', async () => {
  scene.s3.put('a', 'object');
  injectAwsHeaders();
  const answer = await scene.ask('/a', { headers: { Range: 'bytes=0-1' } });
  expect(answer).toMatchObject({ status: 206, headers: { 'content-range': 'bytes 0-1/6' } });
  expect(JSON.stringify(answer.rawHeaders)).not.toMatch(/of-aws|AmazonS3|x-amz/i);
});

test('A 304 carries what describes the copy that the client has.', async () => {
  const { etag } = scene.s3.put('a', 'object', { headers: OBJECT_HEADERS });
  injectAwsHeaders();
  const answer = await scene.ask('/a', { headers: { 'If-None-Match': etag } });
  expect(answer).toMatchObject({ status: 304, headers: { etag, 'cache-control': 'max-age=60' } });
  expect(namesOf(answer.rawHeaders)).toEqual([
    'Cache-Control',
    'Connection',
    'Date',
    'ETag',
    'Expires',
    'Last-Modified',
  ]);
});

test.each(['GET', 'HEAD'] as const)(
  'An error to %s carries the date and how to read its body.',
  async (method) => {
    scene.s3.inject({
      kind: 'status',
      status: 403,
      code: 'AccessDenied',
      headers: { ...Object.fromEntries(AWS_HEADERS.map((name) => [name, 'of-aws'])), ...OBJECT_HEADERS },
    });
    const answer = await scene.ask('/a', { method });
    expect(answer.status).toBe(403);
    expect(namesOf(answer.rawHeaders)).toEqual(['Connection', 'Content-Length', 'Content-Type', 'Date']);
  },
);
