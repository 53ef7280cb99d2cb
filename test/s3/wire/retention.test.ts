import { expect, test } from 'vitest';
import type { AttemptClient } from '../../../src/s3/attempt.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';
import { Exchange, openClient, openServer } from './open-client.ts';
import { endpointAt, respond } from './raw-server.ts';

/** @returns what hangs on an exchange that is over */
async function finishOne(client: AttemptClient): Promise<WeakRef<Exchange>> {
  const exchange = new Exchange(client);
  expect((await exchange.finish()).isComplete).toBe(true);
  return new WeakRef(exchange);
}

test('A kept connection holds nothing of the exchanges it has carried, of the first that opened it neither', async () => {
  const server = await openServer((_request, { socket }) => socket.write(respond('ok')));
  const client = openClient(endpointAt(server.port));
  const finished = [await finishOne(client), await finishOne(client), await finishOne(client)];
  // A WeakRef holds until the turn of the loop in which it was made or read is over.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(finished.map((exchange) => exchange.deref())).toEqual([undefined, undefined, undefined]);
  expect([client.countConnections().open, server.connections.length]).toEqual([1, 1]);
});
