const WORD_BYTES = 4;

/**
 * Bytes of a virtual object, a function of the offset alone, so that any part of gigabytes can be compared without
 * holding them. No two words of the first 16 GiB are the same: a range that is taken for another shows.
 * @returns `length` bytes from `offset` on.
 */
export function virtualBytes(offset: number, length: number): Buffer {
  const skipped = offset % WORD_BYTES;
  const words = new Int32Array(Math.ceil((skipped + length) / WORD_BYTES));
  const first = (offset - skipped) / WORD_BYTES;
  for (let index = 0; index < words.length; index += 1) words[index] = mix(first + index);
  return Buffer.from(words.buffer, skipped, length);
}

/** Every step can be undone, so distinct numbers of 32 bits stay distinct (C. Wellons, "Prospecting for Hash Functions"). */
function mix(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
