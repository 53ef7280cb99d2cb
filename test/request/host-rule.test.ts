import { describe, expect, test } from 'vitest';
import { createHostRule } from '../../src/request/host-rule.ts';

const SAFE = [
  '127.0.0.1',
  '127.0.0.1:8080',
  '192.0.2.7:80',
  '0.0.0.0',
  '[::1]',
  '[::1]:8080',
  '[2001:DB8::1]',
  '[::ffff:127.0.0.1]:1',
  'localhost',
  'LOCALHOST:8080',
  's3',
  's3_backend',
  'S3-Backend:80',
  'ip6-localhost',
];

const UNSAFE = [
  'example.com',
  'example.com:8080',
  'EXAMPLE.com',
  'rebind.attacker.example',
  '127.0.0.1.nip.io',
  'localhost.attacker.example',
  'localhost.',
  '127.1',
  '127.0.0.1.',
  '256.0.0.1',
  '[::1',
  '::1',
  '[example.com]',
  '[fe80::1%eth0]',
  '',
  ' ',
  'a b',
  'localhost:',
  'localhost:http',
  'localhost:123456',
  'user@localhost',
  'localhost/evil.example',
  'localhost,evil.example',
  'ünï',
];

describe('With nothing listed', () => {
  const isAllowed = createHostRule([]);
  test.each(SAFE)('%s is safe', (host) => expect(isAllowed(host)).toBe(true));
  test.each(UNSAFE)('%j is not', (host) => expect(isAllowed(host)).toBe(false));
  test('No Host at all comes from no browser', () => expect(isAllowed(undefined)).toBe(true));
});

describe('With names listed', () => {
  const isAllowed = createHostRule(['media.example.com', 'other.example']);
  test.each(['media.example.com', 'MEDIA.Example.Com', 'media.example.com:8080', 'other.example', ...SAFE])(
    '%s is allowed',
    (host) => expect(isAllowed(host)).toBe(true),
  );
  test.each(['example.com', 'evil.media.example.com', 'media.example.com.', 'media.example.como', ...UNSAFE])(
    '%j is not',
    (host) => expect(isAllowed(host)).toBe(false),
  );
});

test('The star allows all', () => {
  const isAllowed = createHostRule(['one.example', '*']);
  expect([...SAFE, ...UNSAFE].every((host) => isAllowed(host))).toBe(true);
});

test('A verdict is the same the second time, and when there were more hosts than are remembered', () => {
  const isAllowed = createHostRule([]);
  for (let round = 0; round < 2; round += 1) {
    for (let index = 0; index < 200; index += 1) {
      expect([isAllowed(`host-${index}`), isAllowed(`host-${index}.example`)]).toEqual([true, false]);
    }
  }
});
