import { expect, test } from 'vitest';
import { DeadlineQueue } from '../../../src/s3/transport/deadline-queue.ts';

function openQueue(): DeadlineQueue<string> {
  const queue = new DeadlineQueue<string>();
  queue.push('a', 300);
  queue.push('b', 100);
  queue.push('c', 200);
  return queue;
}

test('Turns are taken in the order of coming, whatever the deadlines', () => {
  const queue = openQueue();
  expect([queue.first, queue.shift(), queue.shift(), queue.shift(), queue.shift()]).toEqual([
    ...['a', 'a', 'b', 'c'],
    undefined,
  ]);
});

test('Whose time is up leaves, and the others keep their turns', () => {
  const queue = openQueue();
  expect(queue.takeLate(99)).toEqual([]);
  expect(queue.takeLate(200)).toEqual(['b', 'c']);
  expect([queue.size, queue.first]).toEqual([1, 'a']);
});

test('At the end all leave, those without a deadline, too', () => {
  const queue = openQueue();
  queue.push('d', Infinity);
  expect(queue.takeLate(Infinity)).toEqual(['a', 'b', 'c', 'd']);
  expect([queue.size, queue.first]).toEqual([0, undefined]);
});
