import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, createSecureContext } from 'node:tls';
import type { Endpoint } from '../resolve-endpoint.ts';
import { trustedRoots } from '../trusted-roots.ts';

/** Opens a socket to one address. @param whenReady - it can be written to; with TLS, S3 has proved its name */
export type SocketOpener = (ip: string, onread: OnReadOpts, whenReady: () => void) => Socket;

/** What opens sockets to the endpoint. */
export function createSocketOpener(endpoint: Endpoint, ca: string | undefined): SocketOpener {
  if (endpoint.protocol === 'https:') return createTlsOpener(endpoint, ca);
  return (ip, onread, whenReady) => connectTcp({ host: ip, port: endpoint.port, onread }, whenReady);
}

function createTlsOpener({ hostname, port }: Endpoint, ca: string | undefined): SocketOpener {
  // Node's own roots take milliseconds to read, so they wait for the first connection; a bad `ca` shows at once.
  let secureContext = ca === undefined ? undefined : createSecureContext({ ca: trustedRoots(ca) });
  let session: Buffer | undefined;
  return (ip, onread, whenReady) => {
    secureContext ??= createSecureContext();
    // RFC 6066 §3: a server name is never an address, which is held against the certificate as the host.
    const servername = isIP(hostname) === 0 ? hostname : '';
    const options: ConnectionOptions & { readonly onread: OnReadOpts } = {
      ...{ host: ip, port, onread, secureContext, servername, ALPNProtocols: ['http/1.1'] },
      ...(session !== undefined && { session }),
    };
    const socket = connectTls(options);
    // A resumed session is not held against the name again: only those of servers that passed are kept.
    let newest: Buffer | undefined;
    socket.on('session', (ticket) => {
      newest = ticket;
      if (socket.authorized) session = ticket;
    });
    socket.once('secureConnect', () => {
      session = newest ?? session;
      whenReady();
    });
    socket.once('error', () => {
      if (!socket.authorized) session = undefined;
    });
    return socket;
  };
}
