import { expect, test } from 'vitest';
import { HostAddress } from '../../src/telemetry/host-address.ts';

type Done = (error: Error | null, ip: string) => void;

/** A name server that answers when a test says so. */
class FakeNames {
  readonly asked: string[] = [];
  readonly #waiting: Done[] = [];

  readonly lookup = (host: string, done: Done): void => {
    this.asked.push(host);
    this.#waiting.push(done);
  };

  answer(error: Error | null, ip = ''): void {
    for (const done of this.#waiting.splice(0)) done(error, ip);
  }
}

test('an IP address is not looked up', async () => {
  const names = new FakeNames();
  expect(await new HostAddress('192.0.2.1', () => undefined, names.lookup).find()).toBe('192.0.2.1');
  expect(await new HostAddress('2001:db8::1', () => undefined, names.lookup).find()).toBe('2001:db8::1');
  expect(names.asked).toEqual([]);
});

test('there is one lookup at a time, and its answer holds for a while', async () => {
  const names = new FakeNames();
  const address = new HostAddress('statsd.example', () => undefined, names.lookup);
  const found = [address.find(), address.find(), address.find()];
  names.answer(null, '192.0.2.7');
  expect(await Promise.all(found)).toEqual(['192.0.2.7', '192.0.2.7', '192.0.2.7']);
  expect(await address.find()).toBe('192.0.2.7');
  expect(names.asked).toEqual(['statsd.example']);
});

test('a failure is told, and the next one who asks asks again', async () => {
  const names = new FakeNames();
  const errors: string[] = [];
  const address = new HostAddress('statsd.example', ({ message }) => errors.push(message), names.lookup);
  const first = address.find();
  names.answer(new Error('no such name'));
  expect(await first).toBeUndefined();
  expect(errors).toEqual(['no such name']);
  const second = address.find();
  names.answer(null, '192.0.2.7');
  expect(await second).toBe('192.0.2.7');
});

test('nobody waits longer than a second for a name server that is silent', async () => {
  const names = new FakeNames();
  const address = new HostAddress('statsd.example', () => undefined, names.lookup);
  const startedAtMs = performance.now();
  expect(await address.find()).toBeUndefined();
  expect(performance.now() - startedAtMs).toBeGreaterThan(900);
  expect(performance.now() - startedAtMs).toBeLessThan(2500);
  // The first lookup still holds a thread: there is no second one.
  await address.find();
  expect(names.asked).toEqual(['statsd.example']);
  names.answer(null, '192.0.2.7');
  expect(await address.find()).toBe('192.0.2.7');
});
