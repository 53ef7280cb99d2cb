import type { ListenAddress } from '../../config/config.ts';

/** `0A` is TCP_LISTEN (include/net/tcp_states.h). */
const LISTENING_STATE = '0A';
/** `__SO_ACCEPTCON` (include/linux/net.h). */
const ACCEPTS_CONNECTIONS = 0x10000;
const STREAM_TYPE = '0001';

/**
 * Where a socket listens, from the kernel's own tables (proc(5), /proc/net); Node tells it of no unix socket.
 * @param readTable - the text of `unix`, `tcp` or `tcp6`
 * @returns undefined where it is no listening stream socket of these, or has no path
 */
export function findListeningAddress(
  inode: string,
  readTable: (name: string) => string,
): ListenAddress | undefined {
  const unix = linesOf(readTable('unix')).find((line) => fieldsOf(line)[6] === inode);
  if (unix !== undefined) return readUnixAddress(unix);
  for (const name of ['tcp', 'tcp6']) {
    const fields = linesOf(readTable(name))
      .map(fieldsOf)
      .find((row) => row[9] === inode);
    if (fields !== undefined)
      return fields[3] === LISTENING_STATE ? readTcpAddress(fields[1] ?? '') : undefined;
  }
  return undefined;
}

function linesOf(table: string): string[] {
  return table.split('\n');
}

function fieldsOf(line: string): string[] {
  return line.trim().split(/\s+/);
}

/** `…: 00000002 00000000 00010000 0001 01 7853937 /run/a socket` */
function readUnixAddress(line: string): ListenAddress | undefined {
  const [, , , flags = '', type] = fieldsOf(line);
  const path = /^(?:\S+\s+){6}\S+ (\/.*)$/.exec(line)?.[1];
  const isListening = (Number.parseInt(flags, 16) & ACCEPTS_CONNECTIONS) !== 0 && type === STREAM_TYPE;
  return isListening && path !== undefined ? { kind: 'unix', path } : undefined;
}

/** `0100007F:1F90`: each 32 bits of the address in the order of this machine, the port in that of the network. */
function readTcpAddress(local: string): ListenAddress {
  const [address = '', port = ''] = local.split(':');
  const bytes = Buffer.from(address, 'hex');
  if (new Uint8Array(new Uint32Array([1]).buffer)[0] === 1) bytes.swap32();
  const host =
    bytes.length === 4
      ? bytes.join('.')
      : Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(':');
  return { kind: 'tcp', host, port: Number.parseInt(port, 16) };
}
