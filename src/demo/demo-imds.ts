import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toTimestamp, type IssuedCredentials } from './rotating-credentials.ts';

/** What an instance's metadata says; every property is read anew at every request. */
export interface InstanceMetadata {
  /** `undefined`: the instance has no role, and every path below security-credentials is 404. */
  readonly roleName: string | undefined;
  readonly credentials: () => IssuedCredentials;
  readonly region: string;
  /** The clock that session tokens live by; `Date.now` unless given. */
  readonly now?: () => number;
}

/** A whole HTTP answer, not yet on the wire. */
export interface ImdsAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface DemoImds {
  /** For `AWS_EC2_METADATA_SERVICE_ENDPOINT`, such as `http://127.0.0.1:40123`. */
  readonly endpoint: string;
  close(): Promise<void>;
}

const ROLE_LIST = '/latest/meta-data/iam/security-credentials/';
const TOKEN_TTL_HEADER = 'x-aws-ec2-metadata-token-ttl-seconds';
const MAX_TOKEN_TTL_SECONDS = 21_600;

/** Serves an EC2 instance's metadata, version 2 only, on 127.0.0.1 and a free port unless told otherwise; rejects where the port is taken. */
export async function startDemoImds(
  options: InstanceMetadata & { readonly host?: string; readonly port?: number },
): Promise<DemoImds> {
  const answer = createImdsResponder(options);
  const server = createServer((request, response) => {
    const { status, body, headers } = answer(request);
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  });
  const host = options.host ?? '127.0.0.1';
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Answers metadata requests as an instance with `HttpTokens=required` does: a token first, by PUT, then GETs that carry it.
 * Source: Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata".
 */
export function createImdsResponder(
  instance: InstanceMetadata,
): (request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>) => ImdsAnswer {
  const now = instance.now ?? Date.now;
  const tokenExpiresAtMs = new Map<string, number>();

  function issueToken(headers: IncomingMessage['headers']): ImdsAnswer {
    // A reverse proxy that forwards strangers' requests adds this header; refusing it keeps tokens inside the instance.
    if (headers['x-forwarded-for'] !== undefined) return plain(403, 'Forbidden');
    const ttl = String(headers[TOKEN_TTL_HEADER] ?? '');
    const ttlSeconds = /^\d{1,5}$/.test(ttl) ? Number(ttl) : 0;
    if (ttlSeconds < 1 || ttlSeconds > MAX_TOKEN_TTL_SECONDS) return plain(400, 'Bad Request');
    for (const [token, expiresAtMs] of tokenExpiresAtMs)
      if (expiresAtMs <= now()) tokenExpiresAtMs.delete(token);
    const token = randomBytes(40).toString('base64');
    tokenExpiresAtMs.set(token, now() + ttlSeconds * 1000);
    return { ...plain(200, token), headers: { 'content-type': 'text/plain', [TOKEN_TTL_HEADER]: ttl } };
  }

  return ({ method, url: path, headers }) => {
    if (method === 'PUT' && path === '/latest/api/token') return issueToken(headers);
    if (method !== 'GET') return plain(405, 'Method Not Allowed');
    const token = String(headers['x-aws-ec2-metadata-token'] ?? '');
    if ((tokenExpiresAtMs.get(token) ?? 0) <= now()) return plain(401, 'Unauthorized');
    if (path === '/latest/meta-data/placement/region') return plain(200, instance.region);
    const { roleName } = instance;
    if (roleName === undefined) return plain(404, 'Not Found');
    if (path === ROLE_LIST || `${String(path)}/` === ROLE_LIST) return plain(200, roleName);
    if (path === ROLE_LIST + roleName) return plain(200, formatCredentials(instance.credentials()));
    return plain(404, 'Not Found');
  };
}

/** The JSON in which EC2 metadata hands out credentials, and the container endpoints in nearly the same words. */
export function formatCredentials(issued: IssuedCredentials): string {
  const fields = {
    Code: 'Success',
    LastUpdated: toTimestamp(issued.issuedAtMs),
    Type: 'AWS-HMAC',
    AccessKeyId: issued.accessKeyId,
    SecretAccessKey: issued.secretAccessKey,
    Token: issued.sessionToken,
    Expiration: toTimestamp(issued.expiresAtMs),
  };
  return JSON.stringify(fields, null, 2);
}

function plain(status: number, body: string): ImdsAnswer {
  return { status, body, headers: { 'content-type': 'text/plain' } };
}
