import { expect, test } from 'vitest';
import { BUCKET_AND_REGION, findMistakes, loadText } from './load-text.ts';

test('without a word every request is logged, to standard output', () => {
  expect(loadText(BUCKET_AND_REGION).log).toEqual({
    level: 'info',
    ident: 's3-helper',
    access: 'all',
    sample: 1,
    destination: 'stdout',
  });
});

test.each([
  ['access: errors', { access: 'errors' }],
  ['access: off', { access: 'off' }],
  ['sample: 0', { sample: 0 }],
  ['sample: 0.05', { sample: 0.05 }],
  ['sample: .5', { sample: 0.5 }],
  ['sample: 1', { sample: 1 }],
  ['destination: stderr', { destination: 'stderr' }],
  ['destination: /var/log/s3 helper.log', { destination: '/var/log/s3 helper.log' }],
])('log: {%s}', (line, resolved) => {
  expect(loadText(`${BUCKET_AND_REGION}log: {${line}}\n`).log).toMatchObject(resolved);
});

test.each([
  ['log.access', ['none', 'false', 'ALL'], 'all, errors or off'],
  ['log.sample', ['1.1', '-1', '10%', '1e-1', '.', '0.'], 'a share from 0 to 1 such as 0.1'],
  [
    'log.destination',
    ['syslog', 'log.txt', './log', '~/log'],
    'stdout, stderr, or an absolute path such as /var/log/s3-helper.log',
  ],
])('%s refuses %j', (name, texts, form) => {
  for (const text of texts) {
    expect(findMistakes(BUCKET_AND_REGION, { flags: { [name]: text } })).toEqual([
      `${name}: "${text}" is not accepted (flag --${name.replace('.', '-')}); write ${form}`,
    ]);
  }
});
