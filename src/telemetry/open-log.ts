import { constants, fstatSync, openSync } from 'node:fs';
import { LineWriter } from './line-writer.ts';
import { LogFile } from './log-file.ts';

export interface OpenLog {
  readonly writer: LineWriter;
  /** Lines that are to stay whole are in writes of up to so many bytes. */
  readonly largestWriteBytes: number;
}

/** Each write wakes another thread, which costs more than what it writes. */
const LARGEST_WRITE_BYTES = 128 * 1024;
/** A write of up to 4096 bytes into a pipe is one piece (pipe(7)), so the lines of several workers stay whole. */
const LARGEST_SHARED_WRITE_BYTES = 4096;

/**
 * Opens the place for the log: asynchronous, so that a slow reader of it slows no request.
 * @param destination - `stdout`, `stderr` or the path of a file
 * @param isShared - other processes write there too
 * @throws Node's error where a file cannot be opened
 */
export function openLog(destination: string, isShared: boolean): OpenLog {
  if (destination !== 'stdout' && destination !== 'stderr')
    return { writer: new LogFile(destination), largestWriteBytes: LARGEST_WRITE_BYTES };
  return openStandard(destination, isShared);
}

function openStandard(name: 'stdout' | 'stderr', isShared: boolean): OpenLog {
  const descriptor = name === 'stdout' ? 1 : 2;
  const stat = fstatSync(descriptor);
  // Whatever is appended to a file is in one piece.
  const largestWriteBytes = isShared && !stat.isFile() ? LARGEST_SHARED_WRITE_BYTES : LARGEST_WRITE_BYTES;
  const opened = stat.isFIFO() ? openPipe(descriptor) : descriptor;
  return { writer: new LineWriter(opened, { name, largestWriteBytes }), largestWriteBytes };
}

/**
 * A second opening of a pipe that does not wait: a thread that waits in a full one cannot be stopped, and with it the
 * process could not end. The first opening is left as it is, as others share it.
 */
function openPipe(descriptor: 1 | 2): number {
  try {
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // The pipe is another user's, or nobody reads it any more, or this is no Linux.
    return descriptor;
  }
}
