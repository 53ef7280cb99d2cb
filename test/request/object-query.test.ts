import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pickQuery } from '../../src/request/object-query.ts';

const ALLOWED =
  /^(?:versionId|partNumber|response-(?:cache-control|content-disposition|content-encoding|content-language|content-type|expires))=/;

test('No query, an empty one and one with nothing allowed are the same', () => {
  for (const raw of [undefined, '', '&', 'acl', 'a=b&c=d']) {
    expect(pickQuery(raw)).toEqual({ encoded: '', hasPartNumber: false });
  }
});

test('A part is noted, as S3 answers it with 206', () => {
  expect(pickQuery('partNumber=3')).toEqual({ encoded: 'partNumber=3', hasPartNumber: true });
  expect(pickQuery('part%4Eumber')).toEqual({ encoded: 'partNumber=', hasPartNumber: true });
});

test('Whatever comes in, only allowed parameters come out, once each, sorted, in ASCII', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'versionId',
      'partNumber',
      'response-expires',
      'acl',
      '=',
      '&',
      '%',
      '%3D',
      '%26',
      '+',
      'é',
      '?',
    ),
    fc.string({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      let encoded: string;
      try {
        ({ encoded } = pickQuery(pieces.join('')));
      } catch (error) {
        expect(error).toMatchObject({ name: 'ProxyFailure', row: { status: 400 } });
        return;
      }
      const parameters = encoded === '' ? [] : encoded.split('&');
      expect(parameters.every((parameter) => ALLOWED.test(parameter))).toBe(true);
      expect(encoded).toMatch(/^[A-Za-z0-9\-._~%=&]*$/);
      const names = parameters.map((parameter) => parameter.split('=')[0]);
      expect(names).toEqual([...new Set(names)].sort());
    }),
    { numRuns: 2_000 },
  );
});
