import { fstatSync } from 'node:fs';
import pino from 'pino';
import type { LineDestination } from './line-batch.ts';
import { LogFile } from './log-file.ts';

export interface LogOutput extends LineDestination {
  /** Writes what waits, at once; for the end of the process. */
  flushSync(): void;
  /** Lines that are to stay whole are in writes of up to so many bytes. */
  readonly largestWriteBytes: number;
}

const LARGEST_WRITE_BYTES = 32 * 1024;
/** A write of up to 4096 bytes into a pipe is one piece (pipe(7)), so the lines of several workers stay whole. */
const LARGEST_SHARED_WRITE_BYTES = 4096;
/** Beyond it the log's reader has stopped, and lines are lost rather than memory. */
const MOST_UNWRITTEN_BYTES = 16 * 1024 * 1024;

/**
 * Opens the place for the log: asynchronous, so that a slow reader of it slows no request.
 * @param destination - `stdout`, `stderr` or the path of a file
 * @param isShared - other processes write there too
 * @throws Node's error where a file cannot be opened
 */
export function openLog(destination: string, isShared: boolean): LogOutput {
  if (destination !== 'stdout' && destination !== 'stderr') {
    const file = new LogFile(destination);
    return {
      write: (lines) => file.write(lines),
      flushSync: () => file.flushSync(),
      largestWriteBytes: LARGEST_WRITE_BYTES,
    };
  }
  return openDescriptor(destination === 'stdout' ? 1 : 2, isShared);
}

function openDescriptor(descriptor: 1 | 2, isShared: boolean): LogOutput {
  // Whatever is appended to a file is in one piece.
  const isPipe = isShared && !fstatSync(descriptor).isFile();
  const largestWriteBytes = isPipe ? LARGEST_SHARED_WRITE_BYTES : LARGEST_WRITE_BYTES;
  const stream = pino.destination({
    dest: descriptor,
    sync: false,
    contentMode: 'buffer',
    maxWrite: largestWriteBytes,
    maxLength: MOST_UNWRITTEN_BYTES,
  });
  surviveErrors(stream);
  return {
    // Its types know only the other mode.
    write: (lines) => (stream as unknown as LineDestination).write(lines),
    flushSync: () => stream.flushSync(),
    largestWriteBytes,
  };
}

/** A disk that is full ends no daemon, nor does it keep one from ending: the stream would try for ever (sonic-boom 4.2). */
function surviveErrors(stream: ReturnType<typeof pino.destination>): void {
  const flushSync = stream.flushSync.bind(stream);
  let isFailing = false;
  stream.on('error', ({ message }: Error) => {
    if (!isFailing) process.emitWarning(`the log cannot be written: ${message}`);
    isFailing = true;
    stream.flushSync = () => undefined;
  });
  stream.on('drain', () => {
    isFailing = false;
    stream.flushSync = flushSync;
  });
}
