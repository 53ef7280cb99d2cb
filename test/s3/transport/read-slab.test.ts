import { expect, test } from 'vitest';
import { ReadSlab } from '../../../src/s3/transport/read-slab.ts';

const KIBIBYTE = 1024;

/** Reads as a socket does. @returns where the bytes are */
function read(slab: ReadSlab, kibibytes: number): Buffer {
  return slab.take(slab.room(), kibibytes * KIBIBYTE);
}

/** Address of the first byte, within its memory. */
function place({ buffer, byteOffset }: Buffer): [ArrayBufferLike, number] {
  return [buffer, byteOffset];
}

test('what was freed is read into again', () => {
  const slab = new ReadSlab();
  const first = read(slab, 1);
  slab.free();
  expect(place(slab.room())).toEqual(place(first));
});

test('what is lent is not, to the end of the memory and beyond', () => {
  const slab = new ReadSlab();
  const lent = [10, 10, 20, 10].map((kibibytes) => read(slab, kibibytes));
  const next = slab.room();
  expect(lent.map(({ byteOffset }) => byteOffset / KIBIBYTE)).toEqual([0, 10, 20, 40]);
  expect(next.buffer).not.toBe(lent[0]?.buffer);
  expect(next.length).toBe(64 * KIBIBYTE);
});

test('what is lent again after it was freed counts as lent', () => {
  const slab = new ReadSlab();
  read(slab, 1);
  slab.free();
  slab.lend();
  expect(slab.room().byteOffset).toBe(KIBIBYTE);
});

test('what one exchange never freed, the next cannot free', () => {
  const slab = new ReadSlab();
  read(slab, 1);
  slab.lose();
  read(slab, 1);
  slab.free();
  expect(slab.room().byteOffset).toBe(2 * KIBIBYTE);
});

test('with nothing lent at its start, an exchange can free all', () => {
  const slab = new ReadSlab();
  read(slab, 1);
  slab.free();
  slab.lose();
  read(slab, 1);
  slab.free();
  expect(slab.room().byteOffset).toBe(0);
});
