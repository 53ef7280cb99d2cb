import type { Logger } from '../../telemetry/create-logger.ts';
import { openNotifySender } from './notify-sender.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the service manager is told (sd_notify(3)); a status is one line. */
export interface ServiceManager {
  /** At the end of the start, and of each reload. */
  ready(status: string): void;
  reloading(): void;
  /** @param withinMs - after which the process is gone */
  stopping(status: string, withinMs: number): void;
  /** Waits until all of it is sent. */
  close(): Promise<void>;
}

/**
 * Speaks with the service manager that started this process, and lets its watchdog know that the event loop turns. Where
 * none has, nothing is said.
 */
export function openServiceManager(environment: Environment, logger: Logger): ServiceManager {
  const { NOTIFY_SOCKET: socket } = environment;
  if (socket === undefined || socket === '') return SILENT;
  const sender = openNotifySender(socket, environment, logger);
  const intervalMs = readWatchdogIntervalMs(environment);
  let timer: NodeJS.Timeout | undefined;
  const feedWatchdog = (): void => {
    if (intervalMs === undefined || timer !== undefined) return;
    const feed = (): void => sender.send(['WATCHDOG=1']);
    feed();
    // Twice as often as it has to be (sd_watchdog_enabled(3)).
    timer = setInterval(feed, intervalMs / 2);
  };
  return {
    ready: (status) => {
      sender.send(['READY=1', toStatus(status)]);
      feedWatchdog();
    },
    reloading: () => {
      // Its clock is the one of process.hrtime: CLOCK_MONOTONIC.
      const nowUsec = process.hrtime.bigint() / 1000n;
      sender.send(['RELOADING=1', `MONOTONIC_USEC=${nowUsec}`, toStatus('Reading the configuration')]);
    },
    stopping: (status, withinMs) => {
      sender.send(['STOPPING=1', `EXTEND_TIMEOUT_USEC=${withinMs * 1000}`, toStatus(status)]);
    },
    close: () => {
      clearInterval(timer);
      return sender.close();
    },
  };
}

const SILENT: ServiceManager = {
  ready: () => undefined,
  reloading: () => undefined,
  stopping: () => undefined,
  close: () => Promise.resolve(),
};

function toStatus(text: string): string {
  return `STATUS=${text.replaceAll(/\s+/g, ' ')}`;
}

/** @returns undefined where nobody waits for this process */
function readWatchdogIntervalMs({ WATCHDOG_USEC, WATCHDOG_PID }: Environment): number | undefined {
  const isOurs = WATCHDOG_PID === undefined || WATCHDOG_PID === String(process.pid);
  const intervalMs = Number(WATCHDOG_USEC) / 1000;
  return isOurs && intervalMs > 0 && intervalMs < 2 ** 31 ? intervalMs : undefined;
}
