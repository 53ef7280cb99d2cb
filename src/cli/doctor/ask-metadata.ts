import { request } from 'node:http';

export interface MetadataServer {
  readonly url: URL;
}

export interface MetadataQuestion {
  readonly method?: 'GET' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface MetadataAnswer {
  /** 0 where there is none. */
  readonly status: number;
  readonly text: string;
  /** Of the error, where there is no answer. */
  readonly code: string;
  /** Whether there was a connection: what a small hop limit takes away is the answer only. */
  readonly hasConnected: boolean;
  readonly tookMs: number;
}

/** Longer than the SDK waits. */
const TIMEOUT_MS = 1500;

/** Asks instance metadata one thing; never rejects. */
export function askMetadata(
  { url }: MetadataServer,
  { method = 'GET', path, headers }: MetadataQuestion,
): Promise<MetadataAnswer> {
  return new Promise((resolve) => {
    const startedAtMs = performance.now();
    let hasConnected = false;
    let text = '';
    const end = (status: number, code: string): void => {
      clearTimeout(timer);
      resolve({ status, text, code, hasConnected, tookMs: performance.now() - startedAtMs });
    };
    const where = {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? 80 : Number(url.port),
    };
    const outgoing = request({ ...where, method, path, headers, agent: false }, (response) => {
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('error', () => undefined);
      response.once('close', () => end(response.statusCode ?? 0, ''));
    });
    const timer = setTimeout(() => {
      outgoing.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
    }, TIMEOUT_MS);
    outgoing.once('socket', (socket) => socket.once('connect', () => (hasConnected = true)));
    outgoing.once('error', ({ code = 'no code' }: NodeJS.ErrnoException) => end(0, code));
    outgoing.end();
  });
}
