import { setImmediate as nextTurn } from 'node:timers/promises';
import { Agent, request as requestWithNode } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import type { AttemptClient } from '../../../src/s3/attempt.ts';
import type { ClientOptions } from '../../../src/s3/client-options.ts';
import { createUndiciClient } from '../../../src/s3/undici-client.ts';
import { createWireClient } from '../../../src/s3/wire/create-wire-client.ts';
import { withDeadline } from '../../support/with-deadline.ts';
import { generateCase, type ResponseCase, split } from './generate-response.ts';
import { findDifference, type Outcome, OutcomeRecorder } from './outcome.ts';
import { chooseSeed, Random } from './random.ts';
import { endpointAt, startRawServer } from './raw-server.ts';

/** A share of the parser's cases; each goes over three sockets. */
const CASES = Math.ceil(Number(process.env['WIRE_CASES'] ?? 4000) / 20);
const OPTIONS: ClientOptions = { connectTimeoutMs: 5000, firstByteTimeoutMs: 5000, bodyStallTimeoutMs: 5000 };

test(
  `over ${CASES} connections the wire client gets what undici and node:http get, or refuses`,
  { timeout: 30_000 + CASES * 30 },
  async () => {
    const seed = chooseSeed();
    const random = new Random(seed);
    let current: Buffer[] = [];
    const server = await startRawServer((_request, { socket }) => {
      void (async () => {
        for (const segment of current) {
          socket.write(segment);
          if (current.length < 30) await nextTurn();
        }
        socket.end();
      })();
    });
    const endpoint = endpointAt(server.port);
    const wire = createWireClient(endpoint, OPTIONS);
    const undici = createUndiciClient(endpoint, OPTIONS);
    onTestFinished(async () => {
      await Promise.all([wire.close(), undici.close()]);
      await server.close();
    });
    let complete = 0;
    for (let index = 0; index < CASES; index += 1) {
      const example = generateCase(random);
      current = split(example.bytes, random);
      const [ours, byUndici, byNode] = await withDeadline(
        Promise.all([
          readWithClient(wire, example, random),
          readWithClient(undici, example, random),
          readWithNode(server.port, example),
        ]),
        `case ${index} of WIRE_SEED=${seed}`,
      );
      const place = `WIRE_SEED=${seed} ${index} ${example.method} ${JSON.stringify(example.bytes.toString('latin1').slice(0, 3000))}`;
      expect.soft(findDifference(ours, byNode), place).toBeUndefined();
      // undici refuses some that are right: blanks around a length, 100 Continue.
      if (byUndici.isComplete) expect.soft(findDifference(ours, byUndici), place).toBeUndefined();
      if (example.truth !== undefined) expect.soft(ours.isComplete, place).toBe(true);
      if (ours.isComplete) complete += 1;
    }
    console.log(`WIRE_SEED=${seed}: ${complete} of ${CASES} complete`);
    expect(complete).toBeGreaterThan(CASES / 3);
  },
);

function readWithClient(client: AttemptClient, { method }: ResponseCase, random: Random): Promise<Outcome> {
  const recorder = new OutcomeRecorder();
  const attempt = client.start(
    { method, target: '/', headers: ['host', 'test'], connection: 'fresh' },
    recorder,
  );
  const isSlow = random.oneIn(3);
  recorder.whenHead = () => (isSlow ? setImmediate : queueMicrotask)(() => attempt.resume());
  recorder.whenChunk = () => {
    attempt.freeChunks?.();
    if (!isSlow) return;
    attempt.pause();
    setImmediate(() => attempt.resume());
  };
  return recorder.outcome;
}

function readWithNode(port: number, { method }: ResponseCase): Promise<Outcome> {
  const recorder = new OutcomeRecorder();
  let isOver = false;
  const end = (error?: Error): void => {
    if (isOver) return;
    isOver = true;
    if (error === undefined) recorder.onEnd();
    else recorder.onError(error);
  };
  const agent = new Agent({ keepAlive: false });
  const outgoing = requestWithNode({ host: '127.0.0.1', port, method, agent }, (response) => {
    recorder.onHead({ statusCode: response.statusCode ?? 0, headers: response.rawHeaders });
    response.on('data', (chunk: Buffer) => {
      if (!isOver) recorder.onData(chunk);
    });
    response.on('error', () => undefined);
    response.on('close', () => end(response.complete ? undefined : new Error('cut')));
  });
  outgoing.on('error', (error) => {
    // After a head the response's own end decides.
    if (recorder.head === undefined) end(error);
  });
  outgoing.on('upgrade', (_response, socket) => {
    socket.destroy();
    end(new Error('upgrade'));
  });
  outgoing.on('close', () => {
    if (recorder.head === undefined) end(new Error('closed'));
  });
  outgoing.end();
  return recorder.outcome;
}
