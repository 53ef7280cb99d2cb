import { Writable } from 'node:stream';
import { openUnixDatagrams } from './unix-datagrams.ts';

/** Writes each chunk as one datagram to a unix socket; what cannot be sent is told and forgotten. */
export type DatagramWriter = Writable;

/**
 * @param onError - told of each datagram that was not sent
 * @throws {Error} where the native package is not there
 */
export function openDatagramWriter(path: string, onError: (error: Error) => void): DatagramWriter {
  const socket = openUnixDatagrams(onError);
  return new Writable({
    write: (bytes: Buffer, _encoding, done) => {
      try {
        socket.send(bytes, path, (error) => {
          if (error !== undefined && error !== null) onError(error);
          done();
        });
      } catch (error) {
        onError(error as Error);
        done();
      }
    },
    destroy: (error, done) => {
      socket.close();
      done(error);
    },
  });
}
