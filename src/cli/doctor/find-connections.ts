import { readFileSync } from 'node:fs';
import type { ListenAddress } from '../../config/config.ts';

/** Connections to the daemon's listeners, each by a name of its own. */
export interface Connections {
  readonly open: ReadonlySet<string>;
  /** Over, and remembered by the kernel for a minute: of TCP only. */
  readonly ended: ReadonlySet<string>;
}

/** As proc(5) numbers them. */
const ESTABLISHED = '01';
const LISTENING = '0A';
/** SS_CONNECTED, in the column of states. */
const UNIX_CONNECTED = '03';

/** What Linux knows of the connections to these addresses. @returns undefined on systems without /proc/net */
export function findConnections(listen: readonly ListenAddress[]): Connections | undefined {
  const tables = ['tcp', 'tcp6', 'unix'].map(readTable);
  if (tables.every((table) => table === undefined)) return undefined;
  const [tcp = [], tcp6 = [], unix = []] = tables;
  const open = new Set<string>();
  const ended = new Set<string>();
  const ports = new Set(listen.flatMap((address) => (address.kind === 'tcp' ? [address.port] : [])));
  for (const [, local = '', remote = '', state = ''] of [...tcp, ...tcp6]) {
    const ends = [portOf(local), portOf(remote)];
    if (state === LISTENING || !ends.some((port) => ports.has(port))) continue;
    // Either end may be the one that remembers; the client's port names the connection.
    const name = `tcp ${ends.find((port) => !ports.has(port)) ?? ''}`;
    (state === ESTABLISHED ? open : ended).add(name);
  }
  const paths = new Set(listen.flatMap((address) => (address.kind === 'unix' ? [address.path] : [])));
  for (const [, , , , , state, inode = '', path = ''] of unix) {
    if (state === UNIX_CONNECTED && paths.has(path)) open.add(`unix ${inode}`);
  }
  return { open, ended };
}

function readTable(name: string): string[][] | undefined {
  try {
    const [, ...lines] = readFileSync(`/proc/net/${name}`, 'utf8').trimEnd().split('\n');
    return lines.map((line) => line.trim().split(/\s+/));
  } catch {
    return undefined;
  }
}

/** `0100007F:1F90` is 127.0.0.1:8080. */
function portOf(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
}
