import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { createSocketOpener } from '../../../s3/transport/open-socket.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { EndpointSubject } from '../endpoint-subject.ts';
import { fail, type Finding, ok, warn } from '../finding.ts';

const SLOW_FIX =
  'the port takes connections but no TLS handshake: something else listens there, or a firewall holds it up';

/** Every host of `https:` proves its name with a certificate that this machine trusts, in `timeouts.connect`. */
export const check: DoctorCheck = {
  name: 'tls',
  order: 50,
  deadlineMs: 30_000,
  whenLate: SLOW_FIX,
  plan: ({ endpoints, config }) =>
    endpoints
      .filter(({ endpoint }) => endpoint.protocol === 'https:')
      .map((endpoint) => ({
        subject: endpoint.name,
        needs: [{ check: 'tcp', subject: endpoint.name }],
        run: () => look(endpoint, config.timeouts.connectMs),
      })),
};

const DAY_MS = 24 * 60 * 60_000;
const SHORT_LIFE_DAYS = 14;

async function look(endpoint: EndpointSubject, timeoutMs: number): Promise<Finding> {
  const connections = await endpoint.connections(timeoutMs);
  const address = connections.find(({ error }) => error === undefined)?.address ?? '';
  try {
    const open = createSocketOpener(endpoint.endpoint, endpoint.ca);
    return await shakeHands((whenReady) => open(address, NO_DATA, whenReady), endpoint, timeoutMs);
  } catch {
    return fail(
      `s3.ca: ${endpoint.s3.ca ?? ''} holds no certificate`,
      'name a file of PEM certificates (-----BEGIN CERTIFICATE-----) in s3.ca',
    );
  }
}

const NO_DATA = { buffer: Buffer.alloc(1), callback: () => true };

function shakeHands(
  open: (whenReady: () => void) => Socket,
  endpoint: EndpointSubject,
  timeoutMs: number,
): Promise<Finding> {
  return new Promise((resolve) => {
    const socket = open(() => end(judge(socket)));
    const end = (finding: Finding): void => {
      resolve(finding);
      socket.destroy();
    };
    const endWith = (code: string): void => end(fail(`no handshake (${code})`, findFix(code, endpoint)));
    socket.setTimeout(timeoutMs, () => endWith('ETIMEDOUT'));
    socket.once('error', ({ code = 'no code' }: NodeJS.ErrnoException) => endWith(code));
  });
}

function judge(socket: Socket): Finding {
  if (!(socket instanceof TLSSocket))
    return fail('the connection is plain', 'report this line as a fault of s3-helper');
  const days = Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / DAY_MS);
  const says = `${socket.getProtocol() ?? 'TLS'}, certificate for another ${days} days`;
  const facts = { certificate_days: days };
  return days >= SHORT_LIFE_DAYS
    ? ok(says, facts)
    : warn(says, 'see that the certificate of the server is renewed in time', facts);
}

const UNTRUSTED: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

function findFix(code: string, { s3, endpoint }: EndpointSubject): string {
  if (UNTRUSTED.has(code))
    return s3.endpoint === undefined
      ? 'this is not the certificate of AWS: something on the way opens TLS; let S3 past it, or name its authority in s3.ca'
      : 'name a file with the certificate of its authority in s3.ca';
  if (code === 'ETIMEDOUT') return SLOW_FIX;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return 'renew the certificate of the server; if it is valid today, set the clock of this machine';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return endpoint.basePath === '/'
      ? 'the certificate is for other names: correct s3.endpoint, or set s3.path_style: true to keep the bucket out of the name'
      : 'the certificate is for other names: write the host in s3.endpoint as the certificate has it';
  if (/^(?:ERR_SSL_|EPROTO)/.test(code))
    return 'it does not speak TLS at this port: write http:// in s3.endpoint, or correct the port';
  return 'something cuts the connection in the handshake: look for a firewall or proxy on the way that filters by name';
}
