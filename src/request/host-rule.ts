import { isIP } from 'node:net';

/**
 * Whether a Host may be served (design rule 7). A page in a browser can rebind its own DNS name to 127.0.0.1 and would
 * then read the bucket as its own origin; names that public DNS cannot give out are safe: an IP literal, `localhost`,
 * a single label (what `proxy_pass http://upstream_name` sends). Any other must be listed, `*` lists all.
 * A request without Host (HTTP/1.0) comes from no browser.
 */
export function createHostRule(allowedHosts: readonly string[]): (host: string | undefined) => boolean {
  const listed = new Set(allowedHosts);
  if (listed.has('*')) return () => true;
  // One name is what a machine's own nginx sends.
  let lastHost = 'localhost';
  let lastVerdict = true;
  return (host) => {
    if (host === undefined) return true;
    if (host !== lastHost) {
      lastVerdict = isSafeHost(host, listed);
      lastHost = host;
    }
    return lastVerdict;
  };
}

function isSafeHost(host: string, listed: ReadonlySet<string>): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.exec(host.toLowerCase());
  const name = match?.[1];
  if (name === undefined) return false;
  if (name.startsWith('[')) return isIP(name.slice(1, -1)) === 6;
  return isIP(name) === 4 || !name.includes('.') || listed.has(name);
}
