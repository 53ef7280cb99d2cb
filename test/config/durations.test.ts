import { expect, test } from 'vitest';
import { BUCKET_AND_REGION, findMistakes, loadText } from './load-text.ts';

const withDrain = (text: string): string => `${BUCKET_AND_REGION}timeouts: {drain: "${text}"}\n`;

test.each([
  ['500ms', 500],
  ['3s', 3000],
  ['1.5s', 1500],
  ['1m30s', 90_000],
  ['2h', 7_200_000],
  ['0.6ms', 1],
  ['1s500us', 1001],
  ['596h31m23s', 2_147_483_000],
])('%s is a duration of %i ms', (text, ms) => {
  expect(loadText(withDrain(text)).timeouts.drainMs).toBe(ms);
});

test.each(['3', '3 s', '3S', '3sec', '-3s', '0', '0s', '0.4ms', '1d', 's', '.s', '1..5s', '597h', 'forever'])(
  '%s is no duration',
  (text) => {
    expect(findMistakes(withDrain(text))).toEqual([
      `timeouts.drain: "${text}" is not accepted (the-file.yml); write a duration such as 500ms, 3s or 1m30s, above zero and under 24 days`,
    ]);
  },
);
