import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createOneShotHmac } from '../../../src/s3/sign/one-shot-hmac.ts';

it('answers what node:crypto answers, for any key up to a block, again and again', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.string({ unit: 'binary-ascii', maxLength: 200 }),
      fc.nat({ max: 100 }).chain((length) =>
        fc.array(fc.string({ unit: 'binary-ascii', minLength: length, maxLength: length }), {
          minLength: 1,
          maxLength: 4,
        }),
      ),
      (keyBytes, prefix, texts) => {
        const key = Buffer.from(keyBytes);
        const sign = createOneShotHmac(key, prefix, texts[0]!.length);
        for (const text of texts)
          expect(sign(text)).toBe(
            createHmac('sha256', key)
              .update(prefix + text)
              .digest('hex'),
          );
      },
    ),
    { numRuns: 3000 },
  );
});
