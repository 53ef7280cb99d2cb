import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { flagName, SETTING_NAMES, SETTINGS } from '../../src/config/settings.ts';
import { runProgram, startProgram } from './run-program.ts';

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
    if (['s3.prefix', 'log.ident', 'newrelic.name'].includes(name)) continue;
    const quoted = name === 'newrelic.license' ? 'the value' : '"!?"';
    expect(stderr).toContain(
      `s3-helper: ${name}: ${quoted} is not accepted (flag ${flagName(name)}); write `,
    );
  }
});

test.each([
  [['--s3-buckt', 'media'], "s3-helper: unknown option '--s3-buckt'; did you mean --s3-bucket?\n"],
  [['--confg', 'x.yml'], "s3-helper: unknown option '--confg'; did you mean --config?\n"],
  [['--config'], "s3-helper: option '--config <file>' argument missing\n"],
  [['serve'], "s3-helper: unknown command 'serve'; --help lists all\n"],
  [['docter'], "s3-helper: unknown command 'docter'; did you mean doctor?\n"],
  [['wiat'], "s3-helper: unknown command 'wiat'; did you mean wait?\n"],
  [['--log-level', 'debug', 'chek'], "s3-helper: unknown command 'chek'; did you mean check?\n"],
  [['doctor', '--throu', 'x'], "s3-helper: unknown option '--throu'; did you mean --through?\n"],
  [['doctor', '--s3-buckt', 'x'], "s3-helper: unknown option '--s3-buckt'; did you mean --s3-bucket?\n"],
  [['wait', '--timout', '1s'], "s3-helper: unknown option '--timout'; did you mean --timeout?\n"],
  [['check', '--jsn'], "s3-helper: unknown option '--jsn'\n"],
  [['run', 'now'], "s3-helper: too many arguments for 'run'. Expected 0 arguments but got 1: now.\n"],
  // A value may be a secret, and so may what is before an @.
  [['--newrelic-licens=planted'], "s3-helper: unknown option '--newrelic-licens'\n"],
  [['run', "--newrelic.license=pla'n=ted"], "s3-helper: unknown option '--newrelic.license'\n"],
  [
    ['doctor', '--through=http://me:planted@127.0.0.1/'],
    "s3-helper: option '--through <url>' argument is invalid. Write http://host/path of an object.\n",
  ],
  [
    ['wait', '--timeout', 'soon'],
    "s3-helper: option '--timeout <duration>' argument 'soon' is invalid. Write a duration such as 500ms, 30s or 2m.\n",
  ],
  [
    ['doctor', '--through', 'nginx'],
    "s3-helper: option '--through <url>' argument 'nginx' is invalid. Write http://host/path of an object.\n",
  ],
  [
    ['demo', '--port', '70000'],
    "s3-helper: option '--port <port>' argument '70000' is invalid. Write a port from 0 to 65535.\n",
  ],
])('a wrong command line is one sentence and 64: %j', async (args, stderr) => {
  expect(await runProgram(args)).toEqual({ code: 64, stdout: '', stderr });
});

test.each(['check', 'doctor', 'wait'])(
  '%s --help has examples, and says that settings are taken too',
  async (name) => {
    const { code, stdout, stderr } = await runProgram([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: s3-helper ${name} [options]`);
    expect(stdout).toMatch(new RegExp(`^Examples:\\n  s3-helper ${name}$`, 'm'));
    expect(stdout).toContain('Takes --config and every setting of s3-helper --help');
    expect(stdout.split('\n').every((line) => line.length <= 80)).toBe(true);
  },
);

test.each([
  ['behind it', ['run', '--check', '--s3-bucket=media', '--s3-region=eu-west-1', '-config=/dev/null']],
  ['before it', ['--s3-bucket=media', '--s3-region=eu-west-1', '-config', '/dev/null', '--check', 'run']],
])('run is a name for no command, with every flag %s', async (_, args) => {
  expect(await runProgram(args)).toEqual({ code: 0, stdout: 'the configuration is good\n', stderr: '' });
});

test('run serves', async () => {
  const settings = ['--s3-bucket=media', '--s3-region=eu-west-1', '--config=/dev/null'];
  const program = await startProgram(['run', '--listen=127.0.0.1:0', ...settings]);
  expect(await program.stop()).toBe(0);
  expect(program.listen).toHaveLength(1);
});
