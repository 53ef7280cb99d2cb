/** An object of the soak: its bytes are those of `virtualBytes` from an offset on. */
export interface SoakObject {
  readonly key: string;
  readonly size: number;
  readonly base: number;
}

const MIB = 2 ** 20;
/** So far apart that no two objects have bytes in common. */
const SPACING = 16 * MIB;

export const SMALL_OBJECTS: readonly SoakObject[] = Array.from({ length: 64 }, (_, index) =>
  createSoakObject(`small/${index}.vtt`, 4096, index),
);
export const WHOLE_OBJECTS: readonly SoakObject[] = Array.from({ length: 16 }, (_, index) =>
  createSoakObject(`whole/${index}.ts`, 8 * MIB, 64 + index),
);
/** As large as its part of `virtualBytes`. */
export const FILM: SoakObject = { key: 'film.mp4', size: 8 * 2 ** 30, base: 4 * 2 ** 30 };

export const ALL_OBJECTS: readonly SoakObject[] = [...SMALL_OBJECTS, ...WHOLE_OBJECTS, FILM];

/** @param place - a number from 0 to 255; two objects that are there at the same time have two of them */
export function createSoakObject(key: string, size: number, place: number): SoakObject {
  return { key, size, base: place * SPACING };
}
