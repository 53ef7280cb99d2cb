import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

export interface ThroughQuestion {
  readonly range: string;
  /** In place of the address's own. */
  readonly host?: string;
  readonly signal: AbortSignal;
}

export interface ThroughAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** Bytes of the body, up to 64 KiB. */
  readonly length: number;
}

const MOST_BYTES = 64 * 1024;

/** As a player's: one connection for all questions, so that they come to one worker of nginx. */
const AGENTS = {
  'http:': new HttpAgent({ keepAlive: true, maxSockets: 1 }),
  'https:': new HttpsAgent({ keepAlive: true, maxSockets: 1 }),
} as const;

/** Asks for a range through whatever stands in front of the daemon. @throws {NodeJS.ErrnoException} */
export function askThrough(url: URL, { range, host, signal }: ThroughQuestion): Promise<ThroughAnswer> {
  const isTls = url.protocol === 'https:';
  const request = isTls ? requestHttps : requestHttp;
  const agent = AGENTS[isTls ? 'https:' : 'http:'];
  const headers = { range, ...(host !== undefined && { host }) };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, headers, signal }, (response) => readAnswer(response, resolve));
    outgoing.once('error', reject);
    outgoing.end();
  });
}

function readAnswer(response: IncomingMessage, resolve: (answer: ThroughAnswer) => void): void {
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length >= MOST_BYTES) response.destroy();
  });
  response.once('error', () => undefined);
  response.once('close', () =>
    resolve({
      status: response.statusCode ?? 0,
      header: (name) => {
        const value = response.headers[name];
        return Array.isArray(value) ? value[0] : value;
      },
      length,
    }),
  );
}
