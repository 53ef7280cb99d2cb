import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { waitUntil, withDeadline } from '../support/with-deadline.ts';

const PROGRAM = join(import.meta.dirname, 'notify-socket.py');

/** One datagram of sd_notify(3). */
export interface Notification {
  /** Of the sender. */
  readonly pid: number;
  readonly fields: Readonly<Record<string, string>>;
}

export interface NotifySocket {
  /** In the order of arrival. */
  readonly received: readonly Notification[];
  /** Waits for the first that has this field with this value, from an index on. @returns it */
  until(name: string, value: string, from?: number): Promise<Notification>;
  close(): Promise<void>;
}

/** Listens where a service is to notify its manager. @param address - a path, or `@name` of an abstract socket */
export async function startNotifySocket(address: string): Promise<NotifySocket> {
  const child = spawn('python3', [PROGRAM, address], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const received: Notification[] = [];
  const listening = Promise.withResolvers<undefined>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as Notification | { readonly listening: string };
    if ('listening' in message) listening.resolve(undefined);
    else received.push(message);
  });
  await withDeadline(listening.promise, 'the notify socket');
  return {
    received,
    until: async (name, value, from = 0) => {
      const find = (): Notification | undefined =>
        received.slice(from).find(({ fields }) => fields[name] === value);
      await waitUntil(() => find() !== undefined, `${name}=${value}`, 15_000);
      return find()!;
    },
    close: async () => {
      child.kill();
      await exited;
    },
  };
}
