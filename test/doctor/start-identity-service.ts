import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type S3Credential, verifySignature } from '../../src/demo/verify-signature.ts';

export const ARN = 'arn:aws:sts::123456789012:assumed-role/media-reader/i-0123456789abcdef0';

export interface IdentityService {
  /** For `AWS_ENDPOINT_URL_STS`. */
  readonly endpoint: string;
}

/** GetCallerIdentity of STS, which verifies the signature with AWS's own signer. Ends with the test. */
export async function startIdentityService(options: {
  readonly credentials: () => readonly S3Credential[];
  readonly region: string;
  /** Answers with this in place of the identity. */
  readonly refusal?: { readonly status: number; readonly code: string };
}): Promise<IdentityService> {
  const server = createServer((request, response) => {
    const { method = '', url: target = '', rawHeaders } = request;
    const rules = {
      credentials: options.credentials(),
      region: options.region,
      service: 'sts',
      nowMs: Date.now(),
    };
    void verifySignature({ method, target, rawHeaders }, rules).then((verdict) => {
      const isAsked = target === '/?Action=GetCallerIdentity&Version=2011-06-15';
      const refusal = verdict.ok ? options.refusal : verdict.error;
      if (refusal !== undefined) response.writeHead(refusal.status).end(errorXml(refusal.code));
      else response.writeHead(isAsked ? 200 : 400).end(isAsked ? IDENTITY_XML : errorXml('InvalidAction'));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const IDENTITY_XML = `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult><Arn>${ARN}</Arn><UserId>AROA:i</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

function errorXml(code: string): string {
  return `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${code}</Code><Message>It is refused.</Message></Error></ErrorResponse>`;
}
