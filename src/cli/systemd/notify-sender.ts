import { execFile } from 'node:child_process';
import type { Logger } from '../../telemetry/create-logger.ts';
import { type DatagramWriter, openDatagramWriter } from '../../telemetry/datagram-writer.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Sends messages to the service manager, in order; one that cannot be sent is logged, and forgotten. */
export interface NotifySender {
  /** @param assignments - `NAME=value`, none with a line break */
  send(assignments: readonly string[]): void;
  /** Waits until all of them are sent, for a bounded time. */
  close(): Promise<void>;
}

const PROGRAM_DEADLINE_MS = 5000;

/** Node has no datagrams over unix sockets: the optional package sends them, and where it is missing systemd-notify(1). */
export function openNotifySender(socket: string, environment: Environment, logger: Logger): NotifySender {
  let isTold = false;
  const onError = (error: Error): void => {
    if (!isTold) logger.warn({ cause: error.message }, 'the service manager could not be told');
    isTold = true;
  };
  const writer = openWriter(socket, onError);
  return writer === undefined ? new ProgramSender(environment, onError) : new DatagramSender(writer);
}

/** @returns undefined where the package is missing, or knows no such address: it knows no abstract ones (unix(7)) */
function openWriter(socket: string, onError: (error: Error) => void): DatagramWriter | undefined {
  if (!socket.startsWith('/')) return undefined;
  try {
    return openDatagramWriter(socket, onError);
  } catch {
    return undefined;
  }
}

class DatagramSender implements NotifySender {
  readonly #writer: DatagramWriter;

  constructor(writer: DatagramWriter) {
    this.#writer = writer;
  }

  send(assignments: readonly string[]): void {
    this.#writer.write(Buffer.from(assignments.join('\n')));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#writer.end(resolve));
  }
}

/** One process for each message; the unit must let others than the main process speak (NotifyAccess=all). */
class ProgramSender implements NotifySender {
  readonly #environment: Environment;
  readonly #onError: (error: Error) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(environment: Environment, onError: (error: Error) => void) {
    this.#environment = environment;
    this.#onError = onError;
  }

  send(assignments: readonly string[]): void {
    this.#last = this.#last.then(() => this.#run(assignments));
  }

  close(): Promise<void> {
    return this.#last;
  }

  #run(assignments: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      const options = { env: this.#environment, timeout: PROGRAM_DEADLINE_MS };
      execFile('systemd-notify', assignments, options, (error) => {
        if (error !== null) this.#onError(error);
        resolve();
      });
    });
  }
}
