import { isIP } from 'node:net';
import { parseListenAddress } from './listen-address.ts';

/** Where statsd listens. A host is a name or an IP literal. */
export type StatsdAddress =
  | { readonly kind: 'udp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** The address of `host:port`, `[IPv6]:port`, `:port` (this machine) or `unix:/path`; undefined for all else. */
export function parseStatsdAddress(text: string): StatsdAddress | undefined {
  if (text.startsWith('unix:')) {
    const address = parseListenAddress(text);
    return address?.kind === 'unix' ? address : undefined;
  }
  const [, ipv6, named = '', digits] = /^(?:\[([^\]]+)\]|([\w.-]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port < 1 || port > 65_535) return undefined;
  if (ipv6 !== undefined) return isIP(ipv6) === 6 ? { kind: 'udp', host: ipv6, port } : undefined;
  return { kind: 'udp', host: named === '' ? '127.0.0.1' : named, port };
}
