import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { flagName, SETTING_NAMES, SETTINGS } from '../../src/config/settings.ts';
import { runProgram } from './run-program.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

test('--version prints the version of the package', async () => {
  expect(await runProgram(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test.each(['--help', '-h', '-help'])(
  '%s prints every setting with its default, and examples',
  async (flag) => {
    const { code, stdout, stderr } = await runProgram([flag]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const words = stdout.replaceAll(/\s+/g, ' ');
    for (const name of SETTING_NAMES) {
      const { about, defaultText = '' } = SETTINGS[name];
      const standard = defaultText === '' ? '' : ` (default: ${defaultText})`;
      expect(words).toContain(`${flagName(name)} <value> ${about}${standard}`);
    }
    expect(words).toContain('Examples: s3-helper --config /etc/s3-helper.yml');
    expect(stdout.split('\n').every((line) => line.length <= 80)).toBe(true);
    expect(stdout.indexOf('--config')).toBeLessThan(stdout.indexOf('--listen'));
  },
);

test("every setting's flag sets it", async () => {
  const args = SETTING_NAMES.flatMap((name) => [flagName(name), '!?']);
  const { code, stderr } = await runProgram(['--check', '--config', '/dev/null', ...args]);
  expect(code).toBe(78);
  for (const name of SETTING_NAMES) {
    if (['s3.prefix', 'log.ident'].includes(name)) continue;
    expect(stderr).toContain(`s3-helper: ${name}: "!?" is not accepted (flag ${flagName(name)}); write `);
  }
});

test.each([
  [['--s3-buckt', 'media'], "s3-helper: unknown option '--s3-buckt'; did you mean --s3-bucket?\n"],
  [['--confg', 'x.yml'], "s3-helper: unknown option '--confg'; did you mean --config?\n"],
  [['--config'], "s3-helper: option '--config <file>' argument missing\n"],
  [['serve'], 's3-helper: too many arguments. Expected 0 arguments but got 1: serve.\n'],
  [
    ['demo', '--port', '70000'],
    "s3-helper: option '--port <port>' argument '70000' is invalid. Write a port from 0 to 65535.\n",
  ],
])('a wrong command line is one sentence and 64: %j', async (args, stderr) => {
  expect(await runProgram(args)).toEqual({ code: 64, stdout: '', stderr });
});
