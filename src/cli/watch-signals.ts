import { EXIT_SIGNAL } from './exit-codes.ts';

type StopSignal = keyof typeof EXIT_SIGNAL;

export interface Signals {
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly first: Promise<void>;
  /** Resolves at the second with the exit code of a process that a signal ended. */
  readonly second: Promise<number>;
}

/** Listens to the signals of the process. @param onHangUp - called at every SIGHUP */
export function watchSignals(onHangUp: () => void): Signals {
  const first = Promise.withResolvers<undefined>();
  const second = Promise.withResolvers<number>();
  let count = 0;
  const onStop = (signal: StopSignal): void => {
    count += 1;
    if (count === 1) first.resolve(undefined);
    else second.resolve(EXIT_SIGNAL[signal]);
  };
  process.on('SIGTERM', onStop);
  process.on('SIGINT', onStop);
  process.on('SIGHUP', onHangUp);
  return { first: first.promise, second: second.promise };
}
