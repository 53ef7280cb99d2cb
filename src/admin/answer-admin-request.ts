import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopbackAddress } from '../config/loopback-address.ts';
import { type AdminAnswer, json, type Responder } from './admin-answers.ts';

/** Who may ask. */
export interface AdminRules {
  readonly isHostAllowed: (host: string | undefined) => boolean;
  readonly isAnyPeerAllowed: boolean;
}

/** Answers one request of the operator's, whatever happens. */
export async function answerAdminRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { answers, rules }: { readonly answers: ReadonlyMap<string, Responder>; readonly rules: AdminRules },
): Promise<void> {
  send(request, response, await findAnswer(request, answers, rules));
}

/** Who asks is checked before what is asked, as on the data port. Never rejects. */
async function findAnswer(
  request: IncomingMessage,
  answers: ReadonlyMap<string, Responder>,
  { isHostAllowed, isAnyPeerAllowed }: AdminRules,
): Promise<AdminAnswer> {
  const { method, url = '', headers, headersDistinct, httpVersion, socket } = request;
  const isNear = socket.remoteAddress !== undefined && isLoopbackAddress(socket.remoteAddress);
  if (!isAnyPeerAllowed && !isNear) return text(403, 'Only clients on this machine are served.');
  const hosts = headersDistinct['host'] ?? [];
  if (hosts.length > 1 || (hosts.length === 0 && httpVersion !== '1.0')) {
    return text(400, 'A request of HTTP/1.1 has one Host.');
  }
  if (!isHostAllowed(headers.host)) {
    return text(
      421,
      'This Host is not served. Send an IP address or localhost, or list it in allowed_hosts.',
    );
  }
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'Only GET and HEAD are served.');
  const [path = ''] = url.split('?', 1);
  const respond = answers.get(path);
  if (respond === undefined) {
    const paths = [...answers.keys()].filter((one) => !one.startsWith('/page/'));
    return text(404, `There is nothing at this path; there is ${paths.join(' ')}`);
  }
  try {
    return await respond(request);
  } catch (error) {
    // The daemon may still serve; that it cannot say so is no readiness.
    return json(503, { status: 'fail', error: `the telemetry does not answer: ${String(error)}` });
  }
}

function text(status: number, sentence: string): AdminAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${sentence}\n` };
}

/** The page may load what this listener serves, and nothing else; nobody may frame it. */
const SECURITY_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

function send({ method }: IncomingMessage, response: ServerResponse, answer: AdminAnswer): void {
  const { status, contentType, body } = answer;
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(method === 'HEAD' ? undefined : body);
}
