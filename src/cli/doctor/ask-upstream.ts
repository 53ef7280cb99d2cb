import type { AttemptClient, AttemptRequest } from '../../s3/attempt.ts';
import { checkHead } from '../../s3/check-head.ts';
import { ClientWatch } from '../../s3/client-watch.ts';
import { exchange, type S3Response } from '../../s3/exchange.ts';
import { findHeader } from '../../s3/find-header.ts';
import { readS3Error } from '../../s3/read-s3-error.ts';
import type { Credentials } from '../../s3/sign/request-signer.ts';
import type { Upstream } from '../../s3/upstream.ts';
import { readText } from './read-text.ts';

export interface UpstreamQuestion {
  readonly method: 'GET' | 'HEAD';
  /** As it goes out and is signed. */
  readonly path: string;
  readonly range?: string;
}

/** S3's answer, as far as doctor wants to know. */
export interface UpstreamAnswer {
  readonly statusCode: number;
  /** S3's word for what went wrong; undefined where it said none. */
  readonly code: string | undefined;
  /** Where S3 says the bucket is. */
  readonly region: string | undefined;
  readonly header: (name: string) => string | undefined;
  readonly firstByteMs: number;
}

/** Asks S3 once, without what the daemon does about bad answers. @throws {ProxyFailure} where there is no answer */
export async function askUpstream(
  { location, clock }: Upstream,
  { method, path, range }: UpstreamQuestion,
  { credentials, signal }: { readonly credentials: Credentials; readonly signal: AbortSignal },
): Promise<UpstreamAnswer> {
  const headers = await location.sign({ method, path, query: '' }, credentials, clock.nowMs());
  if (range !== undefined) headers.push('range', range);
  const request: AttemptRequest = { method, target: path, headers };
  const sentAtMs = performance.now();
  const response = await sendOnce(location.client, request, signal);
  const firstByteMs = performance.now() - sentAtMs;
  const { head } = response;
  const isGood = head.statusCode < 300;
  // A range that is not the one that was asked for would be a lie of the server's.
  if (isGood) checkHead(head, { method, range, hasPartNumber: false });
  const error = isGood ? undefined : await readS3Error(response);
  if (isGood) await readText(response);
  const header = (name: string): string | undefined => findHeader(head.headers, name);
  return {
    statusCode: head.statusCode,
    code: error?.code,
    region: header('x-amz-bucket-region') ?? error?.region,
    header,
    firstByteMs,
  };
}

/** One exchange, which ends when the signal is aborted. @throws {ProxyFailure} where no head comes */
export function sendOnce(
  client: AttemptClient,
  request: AttemptRequest,
  signal: AbortSignal,
): Promise<S3Response> {
  const watch = new ClientWatch();
  signal.addEventListener('abort', () => watch.markGone(), { once: true });
  return exchange(client, request, { watch, trail: { last: undefined } });
}
