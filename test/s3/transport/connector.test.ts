import { expect, test } from 'vitest';
import { AddressBook } from '../../../src/s3/transport/address-book.ts';
import { TICK_MS } from '../../../src/s3/transport/coarse-clock.ts';
import { type Caller, Connector, type Dial } from '../../../src/s3/transport/connector.ts';

const CONNECT_TIMEOUT_MS = 1000;
/** Of a caller, from when it asks; the clock may be a tick late. */
const ALL_OF_ITS_TIME_MS = CONNECT_TIMEOUT_MS + TICK_MS;

class Attempt implements Caller {
  isOver = false;
  readonly awayFrom: string | undefined;
  readonly failures: Error[] = [];

  constructor(awayFrom?: string) {
    this.awayFrom = awayFrom;
  }

  onFailed(error: Error): void {
    this.failures.push(error);
  }
}

/** What a connector has been asked to open, with a clock and a pool that do what the test says. */
class World {
  readonly clock = { nowMs: 0 };
  readonly dials: (Dial & { who: Attempt })[] = [];
  hasRoom = true;
  readonly connector: Connector<Attempt>;

  constructor(...ips: string[]) {
    const all = ips.map((address) => ({ address, family: 4 }));
    this.connector = new Connector<Attempt>({
      book: new AddressBook('s3.test', (_hostname, _options, callback) => callback(null, all)),
      clock: this.clock,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      makeRoom: () => this.hasRoom,
      open: (who, dial) => this.dials.push({ ...dial, who }),
    });
  }

  /** Has a connection opened, once the addresses are known. */
  async connect(who = new Attempt()): Promise<Attempt> {
    this.connector.connect(who);
    await new Promise((resolve) => setImmediate(resolve));
    return who;
  }

  /** The last one that was to be opened. */
  get last(): Dial {
    const last = this.dials.at(-1);
    if (last === undefined) throw new Error('nothing was opened');
    return last;
  }

  get ipsTried(): string[] {
    return this.dials.map(({ address }) => address.ip);
  }
}

const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

test('Each address is tried once, and the error of the last is told', async () => {
  const world = new World('192.0.2.1', '192.0.2.2', '192.0.2.3');
  const attempt = await world.connect();
  const lastError = new Error('the last');
  world.last.onRefused(refused);
  world.last.onRefused(refused);
  expect(attempt.failures).toEqual([]);
  world.last.onRefused(lastError);
  expect(world.ipsTried.toSorted()).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3']);
  expect(attempt.failures).toEqual([lastError]);
});

test('A silent address has half of the time that is left, the last one all of it', async () => {
  const world = new World('192.0.2.1', '192.0.2.2', '192.0.2.3');
  await world.connect();
  const startMs = world.clock.nowMs;
  for (const { share, last } of [{ share: 1 / 2 }, { share: 3 / 4 }, { share: 1, last: true }]) {
    expect(world.last.deadlineMs - startMs).toBe(ALL_OF_ITS_TIME_MS * share);
    if (last) break;
    world.clock.nowMs = world.last.deadlineMs;
    world.last.onRefused(refused);
  }
});

test('When the time is up no other address is tried', async () => {
  const world = new World('192.0.2.1', '192.0.2.2');
  const attempt = await world.connect();
  world.clock.nowMs = ALL_OF_ITS_TIME_MS;
  world.last.onRefused(refused);
  expect([world.dials.length, attempt.failures]).toEqual([1, [refused]]);
});

test('An attempt that is over opens nothing more, and is told nothing', async () => {
  const world = new World('192.0.2.1', '192.0.2.2');
  const attempt = await world.connect();
  attempt.isOver = true;
  world.last.onRefused(refused);
  expect([world.dials.length, attempt.failures]).toEqual([1, []]);
});

test('An address that refused is left alone, and taken again once it has opened', async () => {
  const world = new World('192.0.2.1', '192.0.2.2');
  await world.connect();
  const [bad] = world.ipsTried;
  world.last.onRefused(refused);
  const [, good] = world.ipsTried;
  for (let count = 0; count < 3; count += 1) await world.connect();
  expect(world.ipsTried.slice(2)).toEqual([good, good, good]);
  world.dials[0]?.onOpen();
  // The one that was picked longest ago is the next.
  await world.connect();
  expect(world.ipsTried.at(-1)).toBe(bad);
});

test('An attempt that is to keep away from an address gets another where there is one', async () => {
  const world = new World('192.0.2.1', '192.0.2.2');
  for (let count = 0; count < 3; count += 1) await world.connect(new Attempt('192.0.2.1'));
  expect(world.ipsTried).toEqual(['192.0.2.2', '192.0.2.2', '192.0.2.2']);
  const alone = new World('192.0.2.1');
  await alone.connect(new Attempt('192.0.2.1'));
  expect(alone.ipsTried).toEqual(['192.0.2.1']);
});

test('Without room attempts wait in turn, each with all of its time once there is some', async () => {
  const world = new World('192.0.2.1');
  world.hasRoom = false;
  const [first, second] = [await world.connect(), await world.connect()];
  expect([world.dials.length, world.connector.waitingCount]).toEqual([0, 2]);
  world.clock.nowMs = 900;
  world.hasRoom = true;
  world.connector.onRoom();
  expect(world.dials.map(({ who }) => who)).toEqual([first]);
  expect(world.last.deadlineMs).toBe(900 + ALL_OF_ITS_TIME_MS);
  expect(world.connector.firstWaiting()).toBe(second);
});

test('Whoever is given an idle connection waits no more; those that are over are passed by', async () => {
  const world = new World('192.0.2.1');
  world.hasRoom = false;
  const [over, second, third] = [await world.connect(), await world.connect(), await world.connect()];
  over.isOver = true;
  expect(world.connector.firstWaiting()).toBe(second);
  world.connector.removeFirst();
  expect(world.connector.firstWaiting()).toBe(third);
  world.connector.removeFirst();
  expect([world.connector.firstWaiting(), world.connector.waitingCount]).toEqual([undefined, 0]);
  world.hasRoom = true;
  world.connector.onRoom();
  expect(world.dials).toEqual([]);
});

test('Whoever waits for room for too long is told that there was none', async () => {
  const world = new World('192.0.2.1');
  world.hasRoom = false;
  const attempt = await world.connect();
  world.connector.expire(ALL_OF_ITS_TIME_MS - 1);
  expect(attempt.failures).toEqual([]);
  world.connector.expire(ALL_OF_ITS_TIME_MS);
  expect(attempt.failures).toMatchObject([{ code: 'WIRE_NO_CONNECTION' }]);
});

test('At the end all who wait are told why, and what is refused then tries no other address', async () => {
  const world = new World('192.0.2.1', '192.0.2.2');
  const dialled = await world.connect();
  world.hasRoom = false;
  const waitsForRoom = await world.connect();
  const closed = new Error('closed');
  world.connector.close(closed);
  world.last.onRefused(closed);
  world.hasRoom = true;
  const comesLater = await world.connect();
  for (const attempt of [dialled, waitsForRoom, comesLater]) expect(attempt.failures).toEqual([closed]);
  expect(world.dials.length).toBe(1);

  const early = new World('192.0.2.1');
  const waitsForAnAddress = new Attempt();
  early.connector.connect(waitsForAnAddress);
  early.connector.close(closed);
  expect([waitsForAnAddress.failures, early.connector.waitingCount]).toEqual([[closed], 0]);
});
