import { describe, expect, test } from 'vitest';
import { FAILURES } from '../../src/failures.ts';
import { createErrorBody, describeS3Error } from '../../src/response/error-body.ts';

describe('describeS3Error', () => {
  test.each([
    [404, 'NoSuchKey', 'NoSuchKey'],
    [404, undefined, 'NoSuchKey'],
    [403, undefined, 'AccessDenied'],
    [403, 'InvalidObjectState', 'InvalidObjectState'],
    [412, undefined, 'PreconditionFailed'],
    [416, undefined, 'InvalidRange'],
    [503, undefined, 'ServiceUnavailable'],
    [500, undefined, 'S3Error'],
    [418, 'Teapot', 'Teapot'],
  ])('%i %s is %s', (status, code, named) => {
    const described = describeS3Error(status, code);
    expect(described.code).toBe(named);
    expect(described.text).toMatch(/^S3|^The|^A|^This/);
  });
});

test('The body is a small document of the shape of S3', () => {
  expect(createErrorBody('NoSuchKey', 'It is not there.', 'id-1')).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<Error><Code>NoSuchKey</Code><Message>It is not there.</Message><RequestId>id-1</RequestId></Error>\n',
  );
});

test('No sentence of the failures table breaks the document, and each fits the head of its status', () => {
  for (const { status, code, text } of Object.values(FAILURES)) {
    expect(text).toMatch(/^[A-Z][^<>&]*\.$/);
    expect(code).toMatch(/^[A-Za-z0-9]+$/);
    expect(status).toBeGreaterThanOrEqual(400);
  }
});
