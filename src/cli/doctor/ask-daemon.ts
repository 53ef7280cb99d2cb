import { request } from 'node:http';
import type { ListenAddress } from '../../config/config.ts';
import { FAILURES } from '../../failures.ts';

/** Who answers at an address. */
export type DaemonProbe =
  | { readonly who: 's3-helper' }
  /** Something else, which answered with this, or with no HTTP at all. */
  | { readonly who: 'other'; readonly said: string }
  /** Nobody, by the code of the error. */
  | { readonly who: 'nobody'; readonly code: string };

const ABSENT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'EADDRNOTAVAIL',
  'ENOTSOCK',
  'EINVAL',
]);
const LARGEST_ANSWER_BYTES = 64 * 1024;

/**
 * Asks an address of `listen` for the path `/`, which s3-helper refuses in words of its own and without S3, whatever its
 * routes. Never rejects.
 */
export async function askDaemon(address: ListenAddress, timeoutMs: number): Promise<DaemonProbe> {
  try {
    const { status, text } = await getText(address, { path: '/', timeoutMs });
    const isOurs = [FAILURES.no_key, FAILURES.no_route].some((row) => text.includes(row.text));
    return isOurs ? { who: 's3-helper' } : { who: 'other', said: `status ${status}` };
  } catch (error) {
    const { code = 'no code', message } = error as NodeJS.ErrnoException;
    return ABSENT_CODES.has(code) ? { who: 'nobody', code } : { who: 'other', said: `${code} ${message}` };
  }
}

export interface TextAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Up to 64 KiB. */
  readonly text: string;
}

export interface Question {
  readonly path: string;
  readonly method?: 'GET' | 'HEAD';
  readonly timeoutMs: number;
}

/** Asks a listener of the daemon. @throws {NodeJS.ErrnoException} ETIMEDOUT among them */
export function getText(
  address: ListenAddress,
  { path, method = 'GET', timeoutMs }: Question,
): Promise<TextAnswer> {
  return new Promise((resolve, reject) => {
    const where =
      address.kind === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port };
    // A Host that is served without being listed.
    const headers = { host: 'localhost', connection: 'close' };
    const outgoing = request({ ...where, path, method, headers, agent: false }, (response) => {
      let text = '';
      const finish = (): void => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      };
      response.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk;
        if (text.length > LARGEST_ANSWER_BYTES) response.destroy();
      });
      response.once('close', finish);
      response.once('error', () => undefined);
    });
    const timer = setTimeout(() => {
      outgoing.destroy(Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: 'ETIMEDOUT' }));
    }, timeoutMs);
    outgoing.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.end();
  });
}
