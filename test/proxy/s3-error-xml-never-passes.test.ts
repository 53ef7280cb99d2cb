import { expect, test } from 'vitest';
import { findSecrets, useScene } from '../support/open-scene.ts';

const scene = useScene();

const DETAILS = {
  BucketName: 'media-of-account-123456789012',
  Key: 'a',
  Resource: '/media/a',
  Endpoint: 'media.s3.eu-west-1.amazonaws.com',
  AWSAccessKeyId: 'ASIAFAKES3EXAMPLE',
  StringToSign: 'AWS4-HMAC-SHA256 2024',
  CanonicalRequest: 'GET /media/a x-amz-security-token:FwoG',
};

test('The client gets an XML of our own: the code, a sentence and the id of the request in our log.', async () => {
  scene.s3.inject({ kind: 'status', status: 404, code: 'NoSuchKey', details: DETAILS });
  const answer = await scene.ask('/a');
  const report = await scene.proxy.nextReport();
  expect(answer.text).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<Error><Code>NoSuchKey</Code><Message>The object does not exist.</Message>' +
      `<RequestId>${report.requestId}</RequestId></Error>\n`,
  );
  expect(answer.headers).toMatchObject({
    'content-type': 'application/xml',
    'content-length': String(answer.body.length),
  });
  expect(report).toMatchObject({
    status: 404,
    s3Status: 404,
    s3ErrorCode: 'NoSuchKey',
    bytes: answer.body.length,
    failure: undefined,
  });
});

test('Nothing that S3 echoes comes through: no token, no canonical request, no bucket.', async () => {
  // A refusal by the fake's verifier shows the canonical request with the session token in it, as AWS's does.
  scene.s3.credentials[0] = { ...scene.s3.credentials[0]!, secretAccessKey: 'changed' };
  const answer = await scene.ask('/a');
  expect(answer).toMatchObject({ status: 403 });
  expect(scene.s3.seen[0]!.verdict).toMatchObject({ ok: false, error: { code: 'SignatureDoesNotMatch' } });
  expect(findSecrets(answer.text + JSON.stringify(answer.headers))).toEqual([]);
  expect(answer.text).not.toMatch(/ASIA|media|Canonical|127\.0\.0\.1/);
  expect(await scene.proxy.nextReport()).toMatchObject({ status: 403, s3ErrorCode: 'SignatureDoesNotMatch' });
});

test('What is no code of S3 does not come through as one.', async () => {
  const xml = '<Error><Code>Bad<script>alert(1)</script></Code></Error>';
  scene.s3.inject({
    kind: 'raw',
    bytes: `HTTP/1.1 403 Forbidden\r\nContent-Length: ${xml.length}\r\n\r\n${xml}`,
    then: 'keep',
  });
  const answer = await scene.ask('/a');
  expect(answer).toMatchObject({ status: 403 });
  expect(answer.text).toContain('<Code>AccessDenied</Code>');
  expect(answer.text).not.toContain('script');
  expect((await scene.proxy.nextReport()).s3ErrorCode).toBeUndefined();
});

test('An error body without end is read up to a bound, and its connection is given up.', async () => {
  const piece = `<Code>AccessDenied</Code>${'x'.repeat(200_000)}`;
  scene.s3.inject({
    kind: 'raw',
    bytes: `HTTP/1.1 403 Forbidden\r\nContent-Length: 99999999\r\n\r\n${piece}`,
    then: 'stall',
  });
  expect(await scene.ask('/a')).toMatchObject({ status: 403, isComplete: true });
  await scene.s3.waitFor(() => scene.s3.openConnections() === 0, "the end of S3's connection");
  expect(await scene.proxy.nextReport()).toMatchObject({ status: 403, s3ErrorCode: 'AccessDenied' });
});

test('An error whose body breaks keeps its status.', async () => {
  scene.s3.inject({
    kind: 'raw',
    bytes: 'HTTP/1.1 404 Not Found\r\nContent-Length: 500\r\n\r\n<Error><Code>NoSuchKey</Code>',
    then: 'reset',
  });
  expect(await scene.ask('/a')).toMatchObject({ status: 404, isComplete: true });
  expect(await scene.proxy.nextReport()).toMatchObject({ status: 404, s3ErrorCode: 'NoSuchKey' });
});
