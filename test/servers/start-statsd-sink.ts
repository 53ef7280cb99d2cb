import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { waitUntil } from '../support/with-deadline.ts';

/** A statsd that only writes down what it is sent. */
export interface StatsdSink {
  readonly port: number;
  /** One a datagram, as it came. */
  readonly datagrams: readonly string[];
  /** Of all datagrams, in order. */
  lines(): string[];
  /** Waits for a line. */
  untilLine(line: string): Promise<void>;
  close(): Promise<void>;
}

export async function startStatsdSink(address = '127.0.0.1'): Promise<StatsdSink> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const datagrams: string[] = [];
  socket.on('message', (bytes) => datagrams.push(bytes.toString('utf8')));
  socket.bind(0, address);
  await once(socket, 'listening');
  const lines = (): string[] => datagrams.flatMap((text) => text.split('\n')).filter((line) => line !== '');
  return {
    port: socket.address().port,
    datagrams,
    lines,
    untilLine: (line) => waitUntil(() => lines().includes(line), `the line ${line}`),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** Sums of counters by name, over lines of the statsd protocol; a name may have tags behind it. */
export function sumCounters(lines: readonly string[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const line of lines) {
    const [, name = '', value, tags = ''] = /^(.*):([^:|]+)\|c(\|#.*)?$/.exec(line) ?? [];
    if (value !== undefined) sums.set(name + tags, (sums.get(name + tags) ?? 0) + Number(value));
  }
  return sums;
}
