import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { withDeadline } from './with-deadline.ts';

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly agent?: Agent;
  readonly deadlineMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly text: string;
  /** Whether the body ended as its framing promised. */
  readonly isComplete: boolean;
}

/** A port on 127.0.0.1, or the path of a unix socket. */
export type Place = number | string;

/** Sends one request, its target byte for byte, and reads the answer to its end or to its cut. */
export function sendRequest(place: Place, target: string, ask: Ask = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, agent = new Agent({ keepAlive: false }) } = ask;
  const where = typeof place === 'number' ? { host: '127.0.0.1', port: place } : { socketPath: place };
  const answered = new Promise<Answer>((resolve, reject) => {
    const outgoing = request({ ...where, path: target, method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => undefined);
      response.on('close', () => {
        const body = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          body,
          text: body.toString('utf8'),
          isComplete: response.complete,
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
  return withDeadline(answered, `an answer to ${method} ${target}`, ask.deadlineMs);
}
