import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

const ANSWER_DEADLINE_MS = 30_000;

/** An S3 server on 127.0.0.1 and the identity to speak to it with. */
export interface S3Server {
  readonly port: number;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** PEM of the authority to trust; when given the request goes over TLS. */
  readonly ca?: string;
}

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Encoded path, without a query; goes to the wire byte for byte. See {@link encodeS3Path}. */
  readonly path: string;
  /** Decoded query parameters. */
  readonly query?: Readonly<Record<string, string>>;
  /** Host header and TLS server name; without it the address and the port. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** When the signature claims to have been made. */
  readonly signingDate?: Date;
}

export interface S3Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Sends one request signed by the reference signer (`@smithy/signature-v4`), on a connection of its own.
 * @throws {Error} when the connection fails or no complete answer came within 30 seconds
 */
export async function sendSigned(server: S3Server, request: S3Request): Promise<S3Answer> {
  const { accessKeyId, secretAccessKey, region } = server;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    region,
    service: 's3',
    sha256: Sha256,
    uriEscapePath: false,
  });
  const host = hostHeader(server, request);
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: server.ca === undefined ? 'http:' : 'https:',
      hostname: host,
      path: request.path,
      query: { ...request.query },
      headers: { ...request.headers, host },
      body: request.body,
    },
    { signingDate: request.signingDate ?? new Date() },
  );
  return sendUnsigned(server, { ...request, headers: signed.headers });
}

/** Sends one request as it is. @throws {Error} as {@link sendSigned} does */
export async function sendUnsigned(server: S3Server, request: S3Request): Promise<S3Answer> {
  const query = Object.entries(request.query ?? {}).map(
    ([name, value]) => `${encode(name)}=${encode(value)}`,
  );
  const options = {
    host: '127.0.0.1',
    port: server.port,
    method: request.method,
    path: query.length === 0 ? request.path : `${request.path}?${query.join('&')}`,
    headers: {
      ...request.headers,
      host: hostHeader(server, request),
      ...(request.body && { 'content-length': request.body.length }),
    },
    agent: false as const,
    signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
  };
  const sent =
    server.ca === undefined
      ? httpRequest(options)
      : httpsRequest({ ...options, ca: server.ca, ...(request.host && { servername: request.host }) });
  sent.end(request.body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

function hostHeader(server: S3Server, request: S3Request): string {
  return request.host ?? `127.0.0.1:${server.port}`;
}

/** The encoded path of these decoded parts (a bucket and a key, a key alone), each byte but S3's unreserved ones as %XX. */
export function encodeS3Path(...parts: readonly string[]): string {
  return `/${parts.map((part) => part.split('/').map(encode).join('/')).join('/')}`;
}

/** What encodeURIComponent leaves and S3 does not (AWS, "Create a signed AWS API request", UriEncode). */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Creates the bucket. @throws {Error} with the server's answer when it is not 200 */
export async function createBucket(server: S3Server, bucket: string): Promise<void> {
  await put(server, { method: 'PUT', path: encodeS3Path(bucket) });
}

/** An object to be stored. */
export interface S3Upload {
  readonly bucket: string;
  /** Decoded. */
  readonly key: string;
  readonly body: Buffer;
  /** Content-Type, Cache-Control, x-amz-meta-* and their like. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Stores the object. @throws {Error} with the server's answer when it is not 200 */
export async function putObject(server: S3Server, upload: S3Upload): Promise<void> {
  const { bucket, key, body, headers = {} } = upload;
  await put(server, { method: 'PUT', path: encodeS3Path(bucket, key), body, headers });
}

async function put(server: S3Server, request: S3Request): Promise<void> {
  const { status, body } = await sendSigned(server, request);
  if (status !== 200) throw new Error(`PUT ${request.path} was answered with ${status}: ${body.toString()}`);
}
