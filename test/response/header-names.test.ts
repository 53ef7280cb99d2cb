import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeaderNames } from '../../src/response/header-names.ts';

const NAMES = ['Date', 'ETag', 'Content-Type', 'Content-Range'];

test('A name is found in every case, and given as it is to be written', () => {
  const names = new HeaderNames(NAMES);
  const anyCase = fc
    .constantFrom(...NAMES)
    .chain((name) =>
      fc
        .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
        .map((isUpper) => ({ name, sent: mixCase(name, isUpper) })),
    );
  fc.assert(fc.property(anyCase, ({ name, sent }) => names.find(sent) === name));
});

test('No other name is', () => {
  const names = new HeaderNames(NAMES);
  const lower = NAMES.map((name) => name.toLowerCase());
  const others = fc.string({ maxLength: 20 }).filter((name) => !lower.includes(name.toLowerCase()));
  fc.assert(fc.property(others, (name) => names.find(name) === undefined));
  for (const near of ['', 'Dat', 'Dates', 'E-ag', 'content_type', '__proto__', 'constructor'])
    expect([near, names.find(near)]).toEqual([near, undefined]);
});

function mixCase(name: string, isUpper: readonly boolean[]): string {
  return name.replace(/./g, (char, at: number) =>
    isUpper[at] === true ? char.toUpperCase() : char.toLowerCase(),
  );
}
