import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Sample } from './fit-line.ts';

const SAMPLE_EVERY_MS = 500;

/** What a process and those that it started hold, in all. */
export interface Holding {
  /** Memory as the kernel counts it (proc(5)). */
  readonly residentBytes: number;
  readonly sockets: number;
  readonly processes: number;
}

/** Looks twice a second at what a process and its children hold. */
export class ProcessSampler {
  readonly residentBytes: Sample[] = [];
  readonly sockets: Sample[] = [];
  readonly #startedAtMs = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#timer = setInterval(() => {
      const holding = readHolding(pid);
      const atSeconds = (performance.now() - this.#startedAtMs) / 1000;
      this.residentBytes.push({ atSeconds, value: holding.residentBytes });
      this.sockets.push({ atSeconds, value: holding.sockets });
    }, SAMPLE_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

export function readHolding(pid: number): Holding {
  const pids = [pid, ...findChildren(pid)];
  return {
    residentBytes: sum(pids, readResidentBytes),
    sockets: sum(pids, countSockets),
    processes: pids.length,
  };
}

/** The processes that one has started and that live; proc(5). */
export function findChildren(pid: number): number[] {
  const text = orEmpty(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
  return text.split(' ').filter(Boolean).map(Number);
}

function readResidentBytes(pid: number): number {
  const status = orEmpty(() => readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

function countSockets(pid: number): number {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory).filter((fd) =>
    orEmpty(() => readlinkSync(`${directory}/${fd}`)).startsWith('socket:'),
  ).length;
}

/** A process or a file descriptor can be gone by the time that it is looked at. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

function sum(pids: readonly number[], read: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + read(pid), 0);
}
