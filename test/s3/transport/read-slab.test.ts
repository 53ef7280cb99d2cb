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
  slab.free(0);
  expect(place(slab.room())).toEqual(place(first));
});

test('what is lent is not, to the end of the memory and beyond', () => {
  const slab = new ReadSlab();
  const lent = [10, 10, 20, 10].map((kibibytes) => read(slab, kibibytes));
  const next = slab.room();
  expect(lent.map(({ byteOffset }) => byteOffset / KIBIBYTE)).toEqual([0, 10, 20, 40]);
  expect(next.buffer).not.toBe(lent[0]?.buffer);
  expect(next.length).toBe(48 * KIBIBYTE);
});

test('what is lent again after it was freed counts as lent', () => {
  const slab = new ReadSlab();
  read(slab, 1);
  slab.free(0);
  slab.lend();
  expect(slab.room().byteOffset).toBe(KIBIBYTE);
});

test('what one exchange never freed, the next cannot free', () => {
  const slab = new ReadSlab();
  read(slab, 1);
  slab.beginExchange();
  read(slab, 1);
  slab.free(1);
  expect(slab.room().byteOffset).toBe(2 * KIBIBYTE);
});

test('an exchange frees what it took also after its end, until another begins', () => {
  const slab = new ReadSlab();
  const exchange = slab.beginExchange();
  read(slab, 1);
  slab.beginExchange();
  slab.free(exchange);
  expect(slab.room().byteOffset).toBe(KIBIBYTE);
});

test('with nothing lent at its start, an exchange can free all', () => {
  const slab = new ReadSlab();
  read(slab, 1);
  slab.free(0);
  slab.beginExchange();
  read(slab, 1);
  slab.free(1);
  expect(slab.room().byteOffset).toBe(0);
});

test('memory that was full before it was freed serves again, on any socket', () => {
  const slab = new ReadSlab();
  const full = read(slab, 60);
  const next = read(slab, 60);
  expect(next.buffer).not.toBe(full.buffer);
  slab.free(0);
  const other = new ReadSlab();
  read(other, 60);
  expect(other.room().buffer).toBe(full.buffer);
  expect(slab.room().buffer, 'in use by the first').toBe(next.buffer);
});

test.each(['before', 'after'])('memory that was lost %s it was full does not', (when) => {
  const slab = new ReadSlab();
  const full = read(slab, 60);
  if (when === 'before') slab.beginExchange();
  read(slab, 1);
  if (when === 'after') slab.beginExchange();
  slab.free(1);
  const other = new ReadSlab();
  read(other, 60);
  expect(other.room().buffer).not.toBe(full.buffer);
});

test('what was read into the memory of all is kept in its own, behind what is lent', () => {
  const [slab, other] = [new ReadSlab(), new ReadSlab()];
  const lent = read(slab, 1);
  const pieces = [slab, other].map((one, index) => {
    const room = one.roomWhileStopped();
    room.fill(index + 1, 0, 10);
    return one.take(room, 10);
  });
  expect(pieces.map((piece) => [...new Set(piece)])).toEqual([[1], [2]]);
  expect(place(pieces[0]!)).toEqual([lent.buffer, KIBIBYTE]);
  expect(slab.room().byteOffset).toBe(KIBIBYTE + 10);
});

test('where there is too little room behind what is lent, it is kept in other memory', () => {
  const slab = new ReadSlab();
  const lent = read(slab, 36);
  const room = slab.roomWhileStopped();
  room.fill(7);
  const kept = slab.take(room, room.length);
  expect(kept.equals(Buffer.alloc(room.length, 7))).toBe(true);
  expect(kept.buffer).not.toBe(lent.buffer);
  slab.free(0);
  expect(place(slab.room())).toEqual(place(kept));
});
