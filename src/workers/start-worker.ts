import { type ChildProcess, fork } from 'node:child_process';
import { withDeadline } from '../credentials/with-deadline.ts';
import type { ToSupervisor, ToWorker } from './messages.ts';

/** One that is not ready by then is ended. */
const READY_DEADLINE_MS = 30_000;

/** How a worker ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly lifeMs: number;
}

export interface StartWorkerOptions {
  /** What it is told first. */
  readonly start: Extract<ToWorker, { readonly type: 'start' }>;
  /** How many descriptors from 3 on were handed to this process, and are not for workers. */
  readonly passedCount: number;
  readonly onMessage: (message: ToSupervisor) => void;
  readonly onExit: (end: WorkerEnd) => void;
}

export interface StartedWorker {
  readonly worker: ChildProcess;
  /** Rejects where it ends before, or takes too long. */
  readonly isReady: Promise<void>;
}

/** Starts a process that serves. */
export function startWorker({ start, passedCount, onMessage, onExit }: StartWorkerOptions): StartedWorker {
  const [, program = ''] = process.argv;
  // A listening socket that is open in a worker, too, would go on to take connections after its end here.
  const others = Array.from({ length: Math.max(0, passedCount - 1) }, () => 'ignore' as const);
  const worker = fork(program, ['worker'], {
    // JSON would turn what is undefined into null.
    serialization: 'advanced',
    stdio: ['inherit', 'inherit', 'inherit', 'ipc', ...others],
  });
  const startedAtMs = performance.now();
  const ready = Promise.withResolvers<undefined>();
  worker.on('message', (message: ToSupervisor) => {
    if (message.type === 'ready') ready.resolve(undefined);
    onMessage(message);
  });
  worker.once('exit', (code, signal) => {
    ready.reject(new Error(`a worker ended with ${signal ?? code} before it was ready`));
    onExit({ code, signal, lifeMs: performance.now() - startedAtMs });
  });
  worker.send(start, () => undefined);
  const isReady = withDeadline(ready.promise, READY_DEADLINE_MS).catch((error: unknown) => {
    worker.kill('SIGKILL');
    throw error;
  });
  return { worker, isReady };
}
