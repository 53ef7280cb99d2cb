import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDurationMs } from '../config/duration.ts';
import type { ConfigSources } from '../config/read-config.ts';
import { checkConfig } from './check.ts';

/** What a command needs of the program that it is a part of. */
export interface CommandContext {
  /** Reads the flags of settings, which stand before or behind the name of a command. */
  readonly readSources: () => ConfigSources;
  readonly setExitCode: (code: number) => void;
}

/** The commands that look and change nothing: `check`, `doctor` and `wait`. */
export function addDiagnosticCommands(program: Command, context: CommandContext): void {
  addCheck(program, context);
  addDoctor(program, context);
  addWait(program, context);
}

export const SETTINGS_NOTE = `
Takes --config and every setting of s3-helper --help as well.
`;

function addCheck(program: Command, { readSources, setExitCode }: CommandContext): void {
  program
    .command('check')
    .description('print the effective configuration, and where each value is from')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `${SETTINGS_NOTE}${CHECK_EXAMPLES}`)
    .action(async () => setExitCode(await checkConfig(readSources(), { prints: true })));
}

const CHECK_EXAMPLES = `
What it prints is itself a configuration file, without the secrets. Exits with
0, or with 78 and every mistake.

Examples:
  s3-helper check
  s3-helper check --config ./s3-helper.yml --s3-region eu-west-1
`;

function addDoctor(program: Command, { readSources, setExitCode }: CommandContext): void {
  program
    .command('doctor')
    .description('look at all that the daemon depends on, and say what to mend')
    .helpOption('-h, --help', 'print this help')
    .option('--key <key>', 'an object that is there, as clients ask for it')
    .option('--through <url>', 'address of an object behind nginx', parseUrl)
    .option('--json', 'print one JSON document')
    .addHelpText('after', `${SETTINGS_NOTE}${DOCTOR_EXAMPLES}`)
    .action(async ({ json = false, ...options }: DoctorFlags) => {
      const { runDoctor } = await import('./doctor.ts');
      setExitCode(await runDoctor(readSources(), { ...options, json }));
    });
}

interface DoctorFlags {
  readonly key?: string;
  readonly through?: URL;
  readonly json?: boolean;
}

const DOCTOR_EXAMPLES = `
One line for each check: ok, warn (serves, but look at it), fail, or skip, with
what to do. Exits with 0, or with 1 where something fails. The key is written
as it is in the bucket, not percent-encoded, and without s3.prefix; one of
another route has the path of that route before it.

Examples:
  s3-helper doctor
  s3-helper doctor --key 'show/clip 1.mp4'
  s3-helper doctor --through http://127.0.0.1/show/clip.mp4
  s3-helper doctor --json --config /etc/s3-helper.yml
`;

function addWait(program: Command, { readSources, setExitCode }: CommandContext): void {
  program
    .command('wait')
    .description('wait until the daemon of this configuration is ready')
    .helpOption('-h, --help', 'print this help')
    .addOption(createTimeoutOption('give up after that'))
    .addHelpText('after', `${SETTINGS_NOTE}${WAIT_EXAMPLES}`)
    .action(async ({ timeout }: { readonly timeout: number }) => {
      const { waitUntilReady } = await import('./wait.ts');
      setExitCode(await waitUntilReady(readSources(), timeout));
    });
}

const WAIT_EXAMPLES = `
Asks /readyz where admin.listen is configured, else every address of listen,
without S3. Exits with 0, or with 1 and the reason.

Examples:
  s3-helper wait
  s3-helper wait --timeout 2s --config /etc/s3-helper.yml
`;

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // A password would be in every line about it, and in the list of processes.
  const isBare = url?.username === '' && url.password === '';
  if (isBare && /^https?:$/.test(url.protocol)) return url;
  throw new InvalidArgumentError('Write http://host/path of an object.');
}

/** Of a command that waits. */
export function createTimeoutOption(description: string): Option {
  return new Option('--timeout <duration>', description).argParser(parseTimeoutMs).default(30_000, '30s');
}

function parseTimeoutMs(text: string): number {
  const ms = parseDurationMs(text);
  if (ms >= 1 && ms < 2 ** 31) return ms;
  throw new InvalidArgumentError('Write a duration such as 500ms, 30s or 2m.');
}
