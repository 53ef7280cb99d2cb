import { isIP, SocketAddress } from 'node:net';
import type { ListenAddress } from './config.ts';

// sun_path holds 108 bytes with its closing NUL (unix(7)).
const LONGEST_SOCKET_PATH_BYTES = 107;

export const LISTEN_FORM =
  '127.0.0.1:8080, [::1]:8080, :8080 (loopback) or unix:/path (up to 107 bytes), one or a list';

/** The address of `IPv4:PORT`, `[IPv6]:PORT`, `:PORT`, `localhost:PORT` or `unix:/path`; undefined for all else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  if (text.startsWith('unix:')) return parseSocketPath(text.slice('unix:'.length));
  const [, ipv6, named = '', digits] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  if (ipv6 !== undefined) return isIP(ipv6) === 6 ? { kind: 'tcp', host: ipv6, port } : undefined;
  const host = named === '' || named === 'localhost' ? '127.0.0.1' : named;
  return isIP(host) === 4 ? { kind: 'tcp', host, port } : undefined;
}

function parseSocketPath(path: string): ListenAddress | undefined {
  const isUsable = path.startsWith('/') && Buffer.byteLength(path) <= LONGEST_SOCKET_PATH_BYTES;
  return isUsable ? { kind: 'unix', path } : undefined;
}

/** An address as it is written, one for all spellings of it: IPv6 in the form of RFC 5952. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const { host, port } = address;
  return isIP(host) === 6
    ? `[${new SocketAddress({ address: host, family: 'ipv6' }).address}]:${port}`
    : `${host}:${port}`;
}
