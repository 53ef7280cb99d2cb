import { expect, test } from 'vitest';
import { writeConfigFile } from './config-file.ts';
import { runProgram, startProgram } from './run-program.ts';

test('the daemon says the same of a wrong configuration as --check does, and exits with 78', async () => {
  const file = writeConfigFile('s3: {bucket: a, region: "?"}\nlisten: example.com:80\n');
  const [daemon, check] = await Promise.all([
    runProgram([`-config=${file}`]),
    runProgram([`-config=${file}`, '--check']),
  ]);
  expect(daemon).toEqual(check);
  expect(daemon.code).toBe(78);
  expect(daemon.stderr.trimEnd().split('\n')).toHaveLength(3);
});

test('an address that is in use is one sentence and 69; the daemon that has it goes on and ends with 0', async () => {
  const file = writeConfigFile('s3: {bucket: media, region: eu-west-1, endpoint: "http://127.0.0.1:9"}\n');
  const first = await startProgram(['--config', file, '--listen', '127.0.0.1:0']);
  try {
    const [address = ''] = first.listen;
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    const second = await runProgram(['--config', file, '--listen', address]);
    expect(second.code).toBe(69);
    expect(second.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(second.stderr).toMatch(/^s3-helper: .+\n$/);
    expect(second.stderr).toContain(address);
  } finally {
    expect(await first.stop()).toBe(0);
  }
});

test('the warnings about an evs-s3helper file are in the log', async () => {
  const file = writeConfigFile('s3_bucket: media\ns3_region: eu-west-1\nlisten: 0.0.0.0:0\n');
  const program = await startProgram(['--config', file]);
  expect(await program.stop()).toBe(0);
  expect(program.listen).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
  const warnings = program.log.filter(({ level }) => level === 'warn').map(({ msg }) => msg);
  expect(warnings.join('\n')).toContain('list the names your nginx sends in allowed_hosts');
  expect(warnings.join('\n')).toContain('listen: 0.0.0.0:0 is taken as 127.0.0.1:0');
});
