import { expect, test } from 'vitest';
import { parseSigningTable } from '../../bench/measure-signing.ts';
import { parseWrkOutput } from '../../bench/wrk.ts';

test("wrk's result is the line that the script prints", () => {
  const line = '{"requests":5000,"durationUs":2000000,"bytes":99,"p50Us":120,"p99Us":480,"failed":0}';
  expect(parseWrkOutput(`Running 2s test\n  1 threads\nRESULT ${line}\n`, '')).toEqual({
    requests: 5000,
    seconds: 2,
    bytes: 99,
    p50Us: 120,
    p99Us: 480,
    failed: 0,
  });
});

test('wrk without a result is an error with its own words', () => {
  expect(() => parseWrkOutput('', 'unable to connect')).toThrow('unable to connect');
});

test('the table of the signers is read line by line', () => {
  const table = [
    'Node 26, session token of 1024 bytes, 9 rounds',
    '┌───────────────┬───────────┬──────────┬─────────┐',
    '│ (index)       │ median µs │ least µs │ most µs │',
    '├───────────────┼───────────┼──────────┼─────────┤',
    '│ reference     │ 70.1      │ 68.2     │ 90      │',
    '│ fast, checked │ 5         │ 4.8      │ 6.1     │',
    '└───────────────┴───────────┴──────────┴─────────┘',
  ].join('\n');
  expect(parseSigningTable(table)).toEqual([
    { signer: 'reference', medianUs: 70.1, leastUs: 68.2, mostUs: 90 },
    { signer: 'fast, checked', medianUs: 5, leastUs: 4.8, mostUs: 6.1 },
  ]);
});
