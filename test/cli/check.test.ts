import { expect, test } from 'vitest';
import { writeConfigFile } from './config-file.ts';
import { runProgram } from './run-program.ts';

const GOOD = 's3: {bucket: media, region: eu-west-1}\n';

test.each([
  ['--config PATH', (file: string) => ['--check', '--config', file]],
  ['--config=PATH', (file: string) => ['--check', `--config=${file}`]],
  ['-config=PATH, as for evs-s3helper', (file: string) => [`-config=${file}`, '-check']],
  ['-config PATH', (file: string) => ['-config', file, '--check']],
])('--check says that a file is good, given as %s', async (_, createArgs) => {
  const end = await runProgram(createArgs(writeConfigFile(GOOD)));
  expect(end).toEqual({ code: 0, stdout: 'the configuration is good\n', stderr: '' });
});

test('--check tells every mistake, a line each, and exits with 78', async () => {
  const file = writeConfigFile('s3: {bucket: a, region: eu-west-1}\nlog: {levle: info}\n');
  const end = await runProgram(['--check', '--config', file, '--timeouts-drain', 'soon']);
  expect(end).toMatchObject({ code: 78, stdout: '' });
  expect(end.stderr.split('\n')).toEqual([
    `s3-helper: log.levle: no such key (${file}); did you mean log.level?`,
    expect.stringMatching(/^s3-helper: s3\.bucket: "a" is not accepted .+; write a bucket name/),
    expect.stringMatching(
      /^s3-helper: timeouts\.drain: "soon" is not accepted \(flag --timeouts-drain\); write/,
    ),
    '',
  ]);
});

test('--check exits with 78 where the file that was named cannot be read', async () => {
  const end = await runProgram(['--check', '--config', '/nonexistent/s3-helper.yml']);
  expect(end).toEqual({
    code: 78,
    stdout: '',
    stderr: 's3-helper: cannot read /nonexistent/s3-helper.yml: no such file or directory\n',
  });
});

test('--check prints the warnings about an evs-s3helper file', async () => {
  const file = writeConfigFile('s3_bucket: media\ns3_region: eu-west-1\ns3_retries: 3\nstatsd_env: prod\n');
  const end = await runProgram(['--check', '--config', file]);
  expect(end).toMatchObject({ code: 0, stderr: '' });
  expect(end.stdout.split('\n')).toEqual([
    'warning: s3_retries: 3 is taken as 4',
    'warning: statsd_env: prod is taken as prod.s3-helper',
    expect.stringMatching(/^warning: this is an evs-s3helper file, .+allowed_hosts/),
    'the configuration is good',
    '',
  ]);
});

test('without a file the environment and flags say it all', async () => {
  const environment = { S3_HELPER_S3_BUCKET: 'media', AWS_REGION: 'eu-west-1' };
  expect(await runProgram(['--check', '--log-level', 'debug'], { environment })).toMatchObject({ code: 0 });
});

test('a missing bucket is one clear sentence, for --check and for the daemon alike', async () => {
  const ends = await Promise.all([
    runProgram(['--check', '--config', '/dev/null']),
    runProgram(['--config', '/dev/null']),
  ]);
  for (const end of ends) {
    expect(end).toEqual({
      code: 78,
      stdout: '',
      stderr:
        's3-helper: s3.bucket: is missing; write the name of the bucket in the file, in S3_HELPER_S3_BUCKET or after --s3-bucket\n',
    });
  }
});
