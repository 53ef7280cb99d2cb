import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { AttemptEvents } from '../../../src/s3/attempt.ts';
import { waitUntil, withDeadline } from '../../support/with-deadline.ts';
import { Exchange, openClient, openServer } from './open-client.ts';
import { endpointAt, respond } from './raw-server.ts';
import { chooseSeed, Random } from './random.ts';

const ROUNDS = 60;

/** Keeps chunks as a slow socket would, and looks at them only when it lets them go. */
class SlowReader implements AttemptEvents {
  /** The body has come; the connection may serve others now. */
  readonly ended: Promise<undefined>;
  /** What was read, looked at some time later. */
  readonly body: Promise<Buffer>;
  attempt: { resume(): void; pause(): void; freeChunks?(): void } | undefined;
  readonly #random: Random;
  readonly #end: (nothing: undefined) => void;
  readonly #settle: (body: Buffer) => void;
  readonly #used: Buffer[] = [];
  #lent: Buffer[] = [];

  constructor(random: Random) {
    this.#random = random;
    const ended = Promise.withResolvers<undefined>();
    const body = Promise.withResolvers<Buffer>();
    [this.ended, this.#end] = [ended.promise, ended.resolve];
    [this.body, this.#settle] = [body.promise, body.resolve];
  }

  onHead(): void {
    queueMicrotask(() => this.attempt?.resume());
  }

  onData(chunk: Buffer): void {
    this.#lent.push(chunk);
    const choice = this.#random.below(4);
    if (choice < 2) this.#letGo();
    else if (choice === 2) {
      this.attempt?.pause();
      setImmediate(() => {
        if (this.#random.oneIn(2)) this.#letGo();
        this.attempt?.resume();
      });
    }
  }

  onEnd(): void {
    this.#end(undefined);
    setTimeout(() => {
      this.#use();
      this.#settle(Buffer.concat(this.#used));
    }, 20);
  }

  onError(error: Error): void {
    throw error;
  }

  #letGo(): void {
    this.#use();
    this.attempt?.freeChunks?.();
  }

  #use(): void {
    this.#used.push(...this.#lent.map((chunk) => Buffer.from(chunk)));
    this.#lent = [];
  }
}

test('memory is used again only once it was freed, whatever readers keep', async () => {
  const seed = chooseSeed();
  const random = new Random(seed);
  const bodies = new Map<string, Buffer>();
  const server = await openServer((request, { socket }) => {
    const target = request.split(' ')[1] ?? '';
    const body = bodies.get(target) ?? Buffer.alloc(0);
    const isChunked = target.endsWith('chunked');
    socket.write(
      `HTTP/1.1 200 OK\r\n${isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`}\r\n\r\n`,
    );
    if (!isChunked) socket.write(body);
    else {
      for (let at = 0; at < body.length; at += 5000) {
        const piece = body.subarray(at, at + 5000);
        socket.write(`${piece.length.toString(16)}\r\n`);
        socket.write(piece);
        socket.write('\r\n');
      }
      socket.write('0\r\n\r\n');
    }
  });
  const client = openClient(endpointAt(server.port));
  const checks: Promise<void>[] = [];
  const run = async (name: string): Promise<void> => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const target = `/${name}-${round}${random.oneIn(3) ? 'chunked' : ''}`;
      const body = randomBytes(random.pick([10, 500, 3000, 60_000, 300_000, 1_000_000]));
      bodies.set(target, body);
      const reader = new SlowReader(random);
      reader.attempt = client.start({ method: 'GET', target, headers: ['host', 'test'] }, reader);
      await withDeadline(reader.ended, `the body of ${target}`);
      checks.push(
        reader.body.then((got) =>
          expect.soft(got.equals(body), `WIRE_SEED=${seed} ${target} of ${body.length} bytes`).toBe(true),
        ),
      );
    }
  };
  await Promise.all(['a', 'b', 'c'].map(run));
  await Promise.all(checks);
});

test('what an earlier exchange left with its reader stays as it is', async () => {
  const server = await openServer((request, { socket }) => {
    if (request.includes('/kept')) socket.write(respond('k'.repeat(1000)));
    else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n');
  });
  const client = openClient(endpointAt(server.port));
  const kept: Buffer[] = [];
  const first = new Exchange(client, { target: '/kept' });
  first.onData = (chunk) => kept.push(chunk);
  await first.finish();
  const second = new Exchange(client, { target: '/freed' });
  second.whenHead = () => second.attempt.resume();
  second.whenChunk = () => second.attempt.freeChunks?.();
  await waitUntil(() => second.head !== undefined, 'the second head');
  for (let bytes = 1000; bytes <= 5000; bytes += 1000) {
    server.connections[0]!.socket.write('f'.repeat(1000));
    await waitUntil(() => second.bytes === bytes, `${bytes} bytes of the second body`);
  }
  expect(Buffer.concat(kept).toString()).toBe('k'.repeat(1000));
  expect(server.connections).toHaveLength(1);
});

test('what is freed at the end of a body is read into by the next one', async () => {
  const SIZE = 16_000;
  const server = await openServer((_, { socket }) => socket.write(respond('x'.repeat(SIZE))));
  const client = openClient(endpointAt(server.port));
  const memories = new Set<ArrayBufferLike>();
  for (let round = 0; round < 20; round += 1) {
    const exchange = new Exchange(client, { target: `/${round}` });
    const note = exchange.onData.bind(exchange);
    exchange.onData = (chunk) => {
      memories.add(chunk.buffer);
      note(chunk);
    };
    const end = exchange.onEnd.bind(exchange);
    exchange.onEnd = () => {
      exchange.attempt.freeChunks?.();
      end();
    };
    await exchange.finish();
    expect(exchange.bytes).toBe(SIZE);
  }
  expect(server.connections).toHaveLength(1);
  // The next read has its place before the last one is freed, so that two serve in turns.
  expect(memories.size).toBeLessThanOrEqual(2);
});
