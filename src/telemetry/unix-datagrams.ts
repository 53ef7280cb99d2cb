import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';

/** A socket of datagrams over unix paths. */
export interface UnixDatagrams {
  /** Takes datagrams at a path. */
  receive(path: string, onDatagram: (bytes: Buffer) => void): void;
  /** @param onSent - with the error of a datagram that was not @throws {Error} at once for some paths that cannot be */
  send(bytes: Buffer, path: string, onSent: (error?: Error | null) => void): void;
  close(): void;
}

/** The part of the native package that is used (node-unix-socket 0.2, js/addon.d.ts). */
interface Addon {
  readonly DgramSocketWrap: new (events: EventEmitter) => {
    init(self: object): void;
    startRecv(): void;
    bind(path: string): void;
    sendTo(
      bytes: Buffer,
      offset: number,
      length: number,
      path: string,
      onSent: (error?: Error | null) => void,
    ): void;
    close(): void;
  };
}

/**
 * Node has no datagrams over unix sockets. The packages that add them are optional, one a platform, and on Node's stable
 * ABI, so that one build serves every Node.
 * @param onError - told of what goes wrong with no datagram in particular
 * @throws {Error} where there is none for this machine
 */
export function openUnixDatagrams(onError: (error: Error) => void): UnixDatagrams {
  const { DgramSocketWrap } = loadAddon();
  const events = new EventEmitter().on('_error', onError);
  // The package calls it without its object.
  events.emit = events.emit.bind(events);
  const socket = new DgramSocketWrap(events);
  socket.init(socket);
  socket.startRecv();
  return {
    receive: (path, onDatagram) => {
      events.on('_data', onDatagram);
      socket.bind(path);
    },
    send: (bytes, path, onSent) => socket.sendTo(bytes, 0, bytes.length, path, onSent),
    close: () => socket.close(),
  };
}

function loadAddon(): Addon {
  const load = createRequire(import.meta.url);
  const name = `node-unix-socket-${process.platform}-${process.arch}`;
  try {
    return load(`${name}-gnu`) as Addon;
  } catch {
    // Of the two C libraries of Linux only the one that is here can be loaded.
    return load(`${name}-musl`) as Addon;
  }
}
