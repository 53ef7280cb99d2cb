import { describe, expect, onTestFinished, test } from 'vitest';
import { FAKE_CREDENTIAL, startFakeS3 } from '../servers/fake-s3.ts';
import { diagnoseHere, FAKE_KEYS, toSettings } from './diagnose-here.ts';
import { useS3 } from './use-s3.ts';

const s3 = useS3();

const KEY = 'show/clip.mp4';
const MISSING = 's3-helper-doctor-asks-for-a-key-that-is-not-there';

function deny(key: string, code = 'AccessDenied'): void {
  s3.current.inject({ kind: 'status', status: 403, code }, { key, times: Infinity });
}

describe('the region:', () => {
  test('the bucket is in another, which the daemon learns anew at each start', async () => {
    const { of } = await diagnoseHere({ settings: toSettings(s3.current, { 's3.region': 'us-west-2' }) });
    expect(of('region')).toMatchObject({
      status: 'warn',
      subject: '/',
      says: 'media is in eu-west-1, and is asked in us-west-2',
      fix: 'write s3.region: eu-west-1; until then the daemon learns it anew at each start',
      facts: { configured: 'us-west-2', region: 'eu-west-1' },
    });
    // What comes after is asked where the bucket is.
    expect(of('permissions').status).toBe('ok');
  });

  test('the bucket is in another, and the daemon may not learn it', async () => {
    const settings = toSettings(s3.current, { 's3.region': 'us-west-2', 's3.learn_region': 'false' });
    const { of } = await diagnoseHere({ settings });
    expect(of('region')).toMatchObject({ status: 'fail', fix: 'write s3.region: eu-west-1' });
    expect(of('signature')).toMatchObject({ status: 'skip', says: 'needs region /' });
  });

  test('that of a route of its own', async () => {
    const elsewhere = await startFakeS3({ region: 'ap-south-1', bucket: 'films' });
    onTestFinished(() => elsewhere.close());
    const { of } = await diagnoseHere({
      settings: toSettings(s3.current),
      routes: `[{path: /films/, bucket: films, endpoint: "${elsewhere.endpoint}"}]`,
    });
    expect(of('region', '/').status).toBe('ok');
    expect(of('region', '/films/')).toMatchObject({
      status: 'warn',
      fix: expect.stringContaining('write s3.region: ap-south-1 in the route /films/') as string,
    });
  });

  test('a redirect that names none', async () => {
    s3.current.inject({ kind: 'redirect', status: 301 }, { times: Infinity });
    const { of } = await diagnoseHere({ settings: toSettings(s3.current) });
    expect(of('region')).toMatchObject({
      status: 'fail',
      says: 'S3 answers 301 PermanentRedirect for the bucket media',
      fix: 'correct s3.region; the bucket is in another',
    });
  });

  test('a bucket that is not there', async () => {
    const { of } = await diagnoseHere({ settings: toSettings(s3.current, { 's3.bucket': 'medai' }) });
    expect(of('region')).toMatchObject({
      status: 'fail',
      says: 'S3 answers 404 NoSuchBucket for the bucket medai',
      fix: expect.stringContaining('correct s3.bucket') as string,
    });
    expect(of('permissions').status).toBe('skip');
  });
});

describe('the signature:', () => {
  test('keys that S3 does not know', async () => {
    const environment = { ...FAKE_KEYS, AWS_ACCESS_KEY_ID: 'ASIAUNKNOWNUNKNOWN' };
    const { of } = await diagnoseHere({ settings: toSettings(s3.current), environment });
    expect(of('signature')).toMatchObject({
      status: 'fail',
      says: 'S3 answers 403 InvalidAccessKeyId for a signed request',
      fix: expect.stringContaining('give this machine keys of the account that owns the bucket') as string,
    });
    expect(of('permissions').status).toBe('skip');
  });

  test('a secret of other keys', async () => {
    const environment = { ...FAKE_KEYS, AWS_SECRET_ACCESS_KEY: 'another-secret-than-that' };
    const { of, results } = await diagnoseHere({ settings: toSettings(s3.current), environment });
    expect(of('signature')).toMatchObject({
      status: 'fail',
      says: 'S3 answers 403 SignatureDoesNotMatch for a signed request',
      fix: expect.stringContaining('the secret does not belong to the key id') as string,
    });
    expect(JSON.stringify(results)).not.toContain('another-secret-than-that');
  });

  test('a session token of other keys', async () => {
    const environment = { ...FAKE_KEYS, AWS_SESSION_TOKEN: 'another-token' };
    const { of } = await diagnoseHere({ settings: toSettings(s3.current), environment });
    expect(of('signature')).toMatchObject({
      status: 'fail',
      says: 'S3 answers 400 InvalidToken for a signed request',
      fix: expect.stringContaining('AWS_SESSION_TOKEN anew') as string,
    });
  });

  test('keys that have ended', async () => {
    s3.current.credentials.splice(0, 1, { ...FAKE_CREDENTIAL, expiration: new Date(Date.now() - 1000) });
    const { of } = await diagnoseHere({ settings: toSettings(s3.current) });
    expect(of('signature')).toMatchObject({
      status: 'fail',
      says: 'S3 answers 400 ExpiredToken for a signed request',
      fix: expect.stringContaining('see what rotates them') as string,
    });
  });

  test('S3 in trouble is a warning', async () => {
    s3.current.inject({ kind: 'status', status: 503, code: 'SlowDown' }, { key: MISSING, times: Infinity });
    const { of } = await diagnoseHere({ settings: toSettings(s3.current) });
    expect(of('signature')).toMatchObject({
      status: 'warn',
      says: 'S3 answers 503 SlowDown for a signed request',
      fix: expect.stringContaining('in a minute') as string,
    });
  });

  test('a connection that breaks in the request', async () => {
    s3.current.inject({ kind: 'reset', at: 'before-head' }, { key: MISSING, times: Infinity });
    const { of } = await diagnoseHere({ settings: toSettings(s3.current) });
    expect(of('signature')).toMatchObject({
      status: 'fail',
      says: expect.stringMatching(/^s3_reset/) as string,
      fix: expect.stringContaining('closes connections in the middle of a request') as string,
    });
  });

  test('a server that does not answer in timeouts.first_byte', async () => {
    s3.current.inject({ kind: 'stall', at: 'before-head' }, { key: MISSING, times: Infinity });
    const settings = toSettings(s3.current, { 'timeouts.first_byte': '200ms' });
    const { of } = await diagnoseHere({ settings });
    expect(of('signature')).toMatchObject({
      status: 'fail',
      says: expect.stringMatching(/^s3_first_byte_timeout/) as string,
      fix: expect.stringContaining('slower than timeouts.first_byte') as string,
    });
  });
});

describe('permissions:', () => {
  const look = async (key?: string, more: Readonly<Record<string, string>> = {}) => {
    const settings = toSettings(s3.current, more);
    const { of } = await diagnoseHere({ settings, ...(key !== undefined && { key }) });
    return of('permissions');
  };

  test('a missing key is 404: both are there', async () => {
    expect(await look()).toMatchObject({ status: 'ok', facts: { may_get: true, may_list: true } });
  });

  test('a missing key is 403, and no other was given: either may be missing', async () => {
    deny(MISSING);
    const found = await look();
    expect(found).toMatchObject({
      status: 'warn',
      says: 'a missing key is 403, so s3:ListBucket is not there, and s3:GetObject perhaps neither',
      fix: expect.stringMatching(/--key.+s3:ListBucket on arn:aws:s3:::media/) as string,
    });
    expect(found.facts).toEqual({ may_list: false });
  });

  test('a missing key is 403, and a given one is there: s3:ListBucket is missing', async () => {
    deny(MISSING);
    expect(await look(KEY)).toMatchObject({
      status: 'warn',
      says: 's3:GetObject is there, s3:ListBucket is not: a missing key is 403',
      fix: 'grant s3:ListBucket on arn:aws:s3:::media, and missing keys become 404',
      facts: { may_get: true, may_list: false },
    });
  });

  test('both are 403: s3:GetObject is missing', async () => {
    deny(`films/${MISSING}`);
    deny(`films/${KEY}`);
    expect(await look(KEY, { 's3.prefix': 'films' })).toMatchObject({
      status: 'fail',
      says: 's3:GetObject is denied',
      fix: expect.stringContaining('grant s3:GetObject on arn:aws:s3:::media/films/*') as string,
      facts: { may_get: false, may_list: false },
    });
  });

  test('a missing key is 404, and one that is there is 403: it is that object', async () => {
    deny(KEY);
    expect(await look(KEY)).toMatchObject({
      status: 'fail',
      says: 'objects may be read, but not this one',
      fix: expect.stringContaining('kms:Decrypt') as string,
    });
  });

  test('an object in an archive', async () => {
    deny(KEY, 'InvalidObjectState');
    expect(await look(KEY)).toMatchObject({
      status: 'fail',
      says: 'the key is in an archive (InvalidObjectState)',
      fix: 'restore it: aws s3api restore-object',
    });
  });

  test('an empty object is an object', async () => {
    s3.current.put('empty', '');
    expect(await look('empty')).toMatchObject({ status: 'ok', facts: { may_get: true, may_list: true } });
  });

  test('a server that has an object for every key is no S3', async () => {
    const length = 3;
    const bytes = `HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-0/${length}\r\nContent-Length: 1\r\n\r\nx`;
    s3.current.inject({ kind: 'raw', bytes, then: 'keep' }, { key: MISSING, times: Infinity });
    expect(await look()).toMatchObject({
      status: 'fail',
      says: 'S3 gives an object for a key that nobody has',
      fix: expect.stringContaining('leads to a website or a cache') as string,
    });
  });
});
