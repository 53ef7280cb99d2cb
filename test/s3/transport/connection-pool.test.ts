import { expect, test } from 'vitest';
import { ConnectionPool, type Pooled } from '../../../src/s3/transport/connection-pool.ts';

class Connection implements Pooled {
  requests = 1;
  deadlineMs = 100;
  isClosed = false;
  readonly #pool: ConnectionPool<Connection>;

  constructor(pool: ConnectionPool<Connection>) {
    this.#pool = pool;
    pool.add(this);
  }

  onTick(nowMs: number): void {
    if (nowMs >= this.deadlineMs) this.close();
  }

  close(): void {
    this.isClosed = true;
    this.#pool.remove(this);
  }
}

/** @returns a pool with so many idle connections, the one that was used first first */
function openIdle(count: number, most?: number): [ConnectionPool<Connection>, Connection[]] {
  const pool = new ConnectionPool<Connection>(most);
  const idle = Array.from({ length: count }, () => new Connection(pool));
  idle.forEach((connection) => pool.putIdle(connection));
  return [pool, idle];
}

test('The one that was used last is used next', () => {
  const [pool, [first, second]] = openIdle(2);
  expect([pool.takeIdle(0), pool.takeIdle(0), pool.takeIdle(0)]).toEqual([second, first, undefined]);
  expect(pool.isBusy).toBe(true);
});

test('One that has been idle for too long is closed in place of being used', () => {
  const [pool, [old, fresh]] = openIdle(2);
  old!.deadlineMs = 50;
  fresh!.deadlineMs = 60;
  expect(pool.firstDeadlineMs).toBe(50);
  expect(pool.takeIdle(70)).toBeUndefined();
  expect([old!.isClosed, fresh!.isClosed, pool.isBusy]).toEqual([true, true, false]);
});

test('At its limit room is made by the one that has been idle for longest, and by none that is busy', () => {
  const [pool, [first, second]] = openIdle(2, 2);
  expect(pool.makeRoom()).toBe(true);
  expect([first!.isClosed, second!.isClosed]).toEqual([true, false]);
  pool.takeIdle(0);
  new Connection(pool);
  expect(pool.makeRoom()).toBe(false);
  expect(second!.isClosed).toBe(false);
});

test('Connections are counted by what they do', () => {
  const [pool, [connecting]] = openIdle(1);
  pool.takeIdle(0);
  connecting!.requests = 0;
  new Connection(pool);
  pool.putIdle(new Connection(pool));
  expect(pool.count()).toEqual({ open: 2, busy: 1, connecting: 1 });
});

test('Each looks at its deadline, and may leave while the others do', () => {
  const [pool, connections] = openIdle(3);
  connections[0]!.deadlineMs = 200;
  pool.onTick(100);
  expect(connections.map(({ isClosed }) => isClosed)).toEqual([false, true, true]);
  expect(pool.count()).toEqual({ open: 1, busy: 0, connecting: 0 });
});
