import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { hideSecrets } from '../../src/credentials/hide-secrets.ts';

const bytes = (seed: number, length: number): Buffer =>
  createHash('shake256', { outputLength: length }).update(`secret ${seed}`).digest();

test.each([
  ['a secret access key', (seed: number) => bytes(seed, 30).toString('base64')],
  ['a session token', (seed: number) => bytes(seed, 700).toString('base64')],
  ['a part of a web identity token', (seed: number) => bytes(seed, 200).toString('base64url')],
  ['a session token in a URL', (seed: number) => encodeURIComponent(bytes(seed, 700).toString('base64'))],
  ['a signature', (seed: number) => bytes(seed, 32).toString('hex')],
  ['a licence', (seed: number) => `${bytes(seed, 18).toString('hex')}NRAL`],
])('%s is hidden, whatever stands around it', (_, make) => {
  const secrets = Array.from({ length: 500 }, (__, seed) => make(seed));
  const left = secrets.filter(
    (secret) => hideSecrets(`said "${secret}", and no more`) !== 'said "…", and no more',
  );
  // By chance one in a thousand looks like a path.
  expect(left.length).toBeLessThanOrEqual(2);
});

test.each([
  'Cannot find module /opt/s3-helper/node_modules/@aws-sdk/credential-provider-node/dist-cjs/index.js',
  'User: arn:aws:sts::123456789012:assumed-role/MediaReader/i-0123456789abcdef0 is not authorized',
  'role arn:aws:iam::123456789012:role/service-role/media-reader-production-eu-west-1',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set',
  'CredentialsProviderErrorOfSomeVeryLongKind: could not load credentials from any providers',
])('nothing of this is: %s', (text) => {
  expect(hideSecrets(text)).toBe(text);
});
