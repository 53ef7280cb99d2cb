import { connect, type Socket } from 'node:net';
import { withDeadline } from '../test/support/with-deadline.ts';

/** Open responses whose readers are slow. */
export interface HeldStreams {
  /** Bytes read so far by all. */
  readBytes(): number;
  /** How many have ended, by whichever side. */
  endedCount(): number;
  close(): void;
}

const FIRST_BYTES_DEADLINE_MS = 30_000;
const READ_EVERY_MS = 50;
/** Of the readers take a piece each time: each one reads about twice a second. */
const READING_SHARE = 1 / 10;

/** Opens as many GETs of one object and answers when each has had its first bytes; then they read a piece now and then. */
export async function holdStreams(url: string, count: number): Promise<HeldStreams> {
  const sockets: Socket[] = [];
  let bytes = 0;
  let ended = 0;
  const started = Array.from({ length: count }, () =>
    openStream(url, sockets, {
      onBytes: (length) => (bytes += length),
      onEnd: () => (ended += 1),
    }),
  );
  const close = (): void => sockets.forEach((socket) => socket.destroy());
  try {
    await withDeadline(Promise.all(started), `the first bytes of ${count} streams`, FIRST_BYTES_DEADLINE_MS);
  } catch (error) {
    close();
    throw error;
  }
  let turn = 0;
  const timer = setInterval(() => {
    const pieces = Math.ceil(count * READING_SHARE);
    for (let piece = 0; piece < pieces; piece += 1) sockets[turn++ % count]?.resume();
  }, READ_EVERY_MS);
  return {
    readBytes: () => bytes,
    endedCount: () => ended,
    close: () => {
      clearInterval(timer);
      close();
    },
  };
}

function openStream(
  url: string,
  sockets: Socket[],
  { onBytes, onEnd }: { onBytes: (length: number) => void; onEnd: () => void },
): Promise<void> {
  const { hostname, port, host, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    sockets.push(socket);
    socket.on('connect', () => socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
    socket.on('data', (piece) => {
      socket.pause();
      onBytes(piece.length);
      resolve();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      onEnd();
      reject(new Error('a stream was closed before its first byte'));
    });
  });
}
