import { expect, test } from 'vitest';
import { collectGarbage } from '../support/collect-garbage.ts';
import { useScene } from '../support/open-scene.ts';
import { waitUntil } from '../support/with-deadline.ts';

const scene = useScene();

const WARM_UP = 100;
const CLIENTS = 1_000;
const AT_ONCE = 50;

/** One client, which leaves at one of three moments. */
async function comeAndLeave(index: number): Promise<void> {
  const connection = scene.connect();
  switch (index % 3) {
    case 0: // In the wait for S3's head.
      scene.s3.inject({ kind: 'stall', at: 'before-head' }, { key: `silent-${index}` });
      connection.get(`/silent-${index}`);
      await scene.s3.waitFor(
        () => scene.s3.seen.some(({ key }) => key === `silent-${index}`),
        'the question',
      );
      break;
    case 1: // Between two bytes of the body.
      connection.get('/stalled');
      await connection.until(() => connection.receivedBytes > 500, 'the first bytes');
      break;
    default: // In the flow of the body.
      connection.get('/flowing');
      await connection.until(() => connection.receivedBytes > 500, 'the first bytes');
  }
  if (index % 2 === 0) connection.destroy();
  else connection.reset();
}

async function sendClients(count: number): Promise<void> {
  scene.s3.seen.splice(0);
  for (let index = 0; index < count; index += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, offset) => comeAndLeave(index + offset)));
  }
  await scene.s3.waitFor(() => scene.s3.openConnections() === 0, "the end of S3's connections", 10_000);
}

async function heapBytes(): Promise<number> {
  // What the test itself keeps does not count.
  scene.s3.seen.splice(0);
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}

function countSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}

test(
  'S3 has no connection left, the daemon no socket and no memory; the next request is served.',
  { timeout: 40_000 },
  async () => {
    scene.s3.put('stalled', { size: 100_000 });
    scene.s3.put('flowing', { size: 50_000_000 });
    scene.s3.inject({ kind: 'stall', at: 1_000 }, { key: 'stalled', times: Infinity });

    // The first ones fill caches and pools.
    await sendClients(WARM_UP);
    const before = await heapBytes();
    const socketsBefore = countSockets();
    await sendClients(CLIENTS);
    await waitUntil(() => scene.proxy.reports.length === WARM_UP + CLIENTS, 'a report of each');
    expect(scene.proxy.reports.every(({ failure }) => failure === 'client_gone')).toBe(true);
    scene.proxy.reports.splice(0);
    const growth = (await heapBytes()) - before;
    expect(growth).toBeLessThan(3_000_000);
    expect(countSockets()).toBeLessThanOrEqual(socketsBefore);

    scene.s3.put('next', 'next');
    expect(await scene.ask('/next')).toMatchObject({ status: 200, text: 'next' });
  },
);
