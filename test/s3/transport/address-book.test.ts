import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { AddressBook } from '../../../src/s3/transport/address-book.ts';

/** DNS that answers when it is told to. */
class HeldLookup {
  readonly asked: ((error: NodeJS.ErrnoException | null, ips?: string[]) => void)[] = [];

  readonly lookup = (
    _hostname: string,
    _options: object,
    callback: (error: NodeJS.ErrnoException | null, all: LookupAddress[]) => void,
  ): void => {
    this.asked.push((error, ips = []) =>
      callback(
        error,
        ips.map((address) => ({ address, family: 4 })),
      ),
    );
  };
}

const NEVER_MS = 1e9;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function openBook(
  ...ips: string[]
): Promise<{ book: AddressBook; dns: HeldLookup; resolveAt: (nowMs: number) => Promise<void> }> {
  const dns = new HeldLookup();
  const book = new AddressBook('s3.test', dns.lookup);
  const resolveAt = async (nowMs: number): Promise<void> => {
    book.resolve(nowMs, NEVER_MS, (error) => expect(error).toBeUndefined());
    await nextTurn();
  };
  await resolveAt(0);
  dns.asked.shift()?.(null, ips);
  return { book, dns, resolveAt };
}

test('one lookup serves all who wait, and none follows within five seconds', async () => {
  const dns = new HeldLookup();
  const book = new AddressBook('s3.test', dns.lookup);
  const told: unknown[] = [];
  for (let count = 0; count < 3; count += 1) book.resolve(0, NEVER_MS, (error) => told.push(error));
  await nextTurn();
  expect([dns.asked.length, told.length]).toEqual([1, 0]);
  dns.asked[0]?.(null, ['192.0.2.1']);
  book.resolve(4999, NEVER_MS, (error) => told.push(error));
  await nextTurn();
  expect([dns.asked.length, told]).toEqual([1, [undefined, undefined, undefined, undefined]]);
});

test('old addresses are used at once while new ones are looked up, and when that fails', async () => {
  const { book, dns, resolveAt } = await openBook('192.0.2.1');
  await resolveAt(5000);
  expect([dns.asked.length, book.pick(5000, undefined).ip]).toEqual([1, '192.0.2.1']);
  dns.asked.shift()?.(Object.assign(new Error('down'), { code: 'EAI_AGAIN' }));
  await resolveAt(5500);
  expect(dns.asked.length, 'one lookup a second while it fails').toBe(0);
  await resolveAt(6000);
  dns.asked.shift()?.(null, ['192.0.2.2']);
  expect(book.pick(6000, undefined).ip).toBe('192.0.2.2');
});

test('a failing address rests for ten seconds, then for twice as long, up to a minute', async () => {
  const { book } = await openBook('192.0.2.1', '192.0.2.2');
  const first = book.pick(0, undefined);
  let nowMs = 0;
  for (const restMs of [10_000, 20_000, 40_000, 60_000, 60_000]) {
    book.noteFailure(first, nowMs);
    expect(book.pick(nowMs + restMs - 1, undefined)).not.toBe(first);
    nowMs += restMs;
    book.pick(nowMs, first.ip);
    expect([book.pick(nowMs, undefined), book.pick(nowMs, undefined)]).toContain(first);
  }
  book.noteSuccess(first);
  book.noteFailure(first, nowMs);
  expect(first.restsUntilMs).toBe(nowMs + 10_000);
});

test('an address that DNS leaves out for a while is not forgotten while it rests', async () => {
  const { book, dns, resolveAt } = await openBook('192.0.2.1', '192.0.2.2');
  book.noteFailure(book.pick(4000, '192.0.2.2'), 4000);
  await resolveAt(5000);
  dns.asked.shift()?.(null, ['192.0.2.2']);
  await resolveAt(10_000);
  dns.asked.shift()?.(null, ['192.0.2.1', '192.0.2.2']);
  const picked = [13_998, 13_999].map((nowMs) => book.pick(nowMs, undefined).ip);
  expect(picked).toEqual(['192.0.2.2', '192.0.2.2']);
});

test('when all rest, the one that may come back first is taken', async () => {
  const { book } = await openBook('192.0.2.1', '192.0.2.2');
  const [one, two] = [book.pick(0, '192.0.2.2'), book.pick(0, '192.0.2.1')];
  book.noteFailure(two, 0);
  book.noteFailure(one, 100);
  expect(book.pick(200, undefined)).toBe(two);
});

test('whoever waits for too long is told', async () => {
  const book = new AddressBook('s3.test', () => undefined);
  const told: (Error | undefined)[] = [];
  book.resolve(0, 100, (error) => told.push(error));
  await nextTurn();
  book.expire(99);
  expect(told).toHaveLength(0);
  book.expire(100);
  expect(told).toMatchObject([{ code: 'WIRE_CONNECT_TIMEOUT' }]);
  expect(book.waitingCount).toBe(0);
});
