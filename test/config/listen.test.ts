import { expect, test } from 'vitest';
import { BUCKET_AND_REGION, findMistakes, loadText } from './load-text.ts';

const withListen = (yaml: string): string => `${BUCKET_AND_REGION}listen: ${yaml}\n`;
const tcp = (host: string, port: number) => ({ kind: 'tcp', host, port });

test.each([
  ['127.0.0.1:8080', [tcp('127.0.0.1', 8080)]],
  ['127.9.9.9:1', [tcp('127.9.9.9', 1)]],
  ['"[::1]:8080"', [tcp('::1', 8080)]],
  ['"[::ffff:127.0.0.1]:8080"', [tcp('::ffff:127.0.0.1', 8080)]],
  [':8080', [tcp('127.0.0.1', 8080)]],
  ['localhost:0', [tcp('127.0.0.1', 0)]],
  ['unix:/run/s3-helper.sock', [{ kind: 'unix', path: '/run/s3-helper.sock' }]],
  [`unix:/${'s'.repeat(106)}`, [{ kind: 'unix', path: `/${'s'.repeat(106)}` }]],
  ['[":8080", "[::1]:8080"]', [tcp('127.0.0.1', 8080), tcp('::1', 8080)]],
  ['["unix:/run/a.sock"]', [{ kind: 'unix', path: '/run/a.sock' }]],
])('listens on %s', (yaml, addresses) => {
  expect(loadText(withListen(yaml)).listen).toEqual(addresses);
});

test('a list is written with commas in the environment and in a flag', () => {
  const text = ':8080, unix:/run/a.sock,[::1]:81';
  const addresses = [tcp('127.0.0.1', 8080), { kind: 'unix', path: '/run/a.sock' }, tcp('::1', 81)];
  expect(loadText(BUCKET_AND_REGION, { environment: { S3_HELPER_LISTEN: text } }).listen).toEqual(addresses);
  expect(loadText(BUCKET_AND_REGION, { flags: { listen: text } }).listen).toEqual(addresses);
});

test.each([
  'example.com:8080',
  '"*:8080"',
  '8080',
  '127.0.0.1',
  '"127.0.0.1:"',
  '127.0.0.1:70000',
  '127.0.0.01:80',
  '"::1:8080"',
  '"[127.0.0.1]:8080"',
  'http://127.0.0.1:8080',
  'unix:run/s3-helper.sock',
  '"unix:"',
  `unix:/${'s'.repeat(107)}`,
  `unix:/${'é'.repeat(54)}`,
  '[]',
  '[127.0.0.1:8080, nowhere]',
  '[[":1"], ":2"]',
])('refuses %s and says the accepted forms', (yaml) => {
  const mistakes = findMistakes(withListen(yaml));
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toMatch(
    /^listen: .+ is not accepted \(the-file\.yml\); write 127\.0\.0\.1:8080, \[::1\]:8080, :8080 \(loopback\) or unix:\/path/,
  );
});

test.each([
  ['0.0.0.0:8080', '0.0.0.0'],
  ['"[::]:8080"', '::'],
  ['10.1.2.3:8080', '10.1.2.3'],
  ['[":8080", "192.168.0.1:8080"]', '192.168.0.1'],
])('an address that others can reach needs allow_remote: %s', (yaml, host) => {
  expect(findMistakes(withListen(yaml))).toEqual([
    `listen: ${host} can be reached from other machines, which could then read the bucket unsigned; ` +
      'write a loopback address such as 127.0.0.1:8080, or set allow_remote: true if that is what you want',
  ]);
  expect(loadText(`${withListen(yaml)}allow_remote: true\n`).listen).toContainEqual(
    expect.objectContaining({ host }),
  );
});

test.each([
  ['0660', 0o660],
  ['600', 0o600],
  ['0777', 0o777],
])('a socket mode of %s is octal', (yaml, mode) => {
  expect(loadText(`${BUCKET_AND_REGION}socket_mode: ${yaml}\n`).socketMode).toBe(mode);
});

test.each(['0888', '66', '0o660', 'rw'])('refuses a socket mode of %s', (yaml) => {
  expect(findMistakes(`${BUCKET_AND_REGION}socket_mode: ${yaml}\n`)).toEqual([
    `socket_mode: "${yaml}" is not accepted (the-file.yml); write an octal mode such as 0660`,
  ]);
});
