import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { ConfigSources } from '../config/read-config.ts';
import { SETTING_NAMES, SETTINGS } from '../config/settings.ts';
import { checkConfig } from './check.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { runDaemon } from './run.ts';

const DEFAULT_FILE = '/etc/s3-helper.yml';

/** Runs what the arguments ask for. @returns the exit code */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv.map(acceptGoFlag), { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed its sentence; its own codes are 0 for help and version and 1 for everything wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    throw error;
  }
}

function createProgram(setExitCode: (code: number) => void): Command {
  const program = new Command('s3-helper')
    .description(
      'Signs unsigned S3 reads from this machine with its AWS credentials and streams the answers back.',
    )
    .version(readVersion(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .option('--config <file>', `configuration file (default: ${DEFAULT_FILE}, which may be missing)`)
    .option('--check', 'check the configuration and exit with 0 or 78')
    .exitOverride();
  for (const name of SETTING_NAMES) {
    program.option(
      `--${name.replaceAll(/[._]/g, '-')} <value>`,
      `sets ${name} (default: ${SETTINGS[name].defaultText ?? 'none'})`,
    );
  }
  program.addHelpText('after', HELP_EPILOGUE);
  program.action(async () => {
    const options = program.opts<Record<string, string | boolean | undefined>>();
    const sources = toSources(options);
    setExitCode(options['check'] === true ? checkConfig(sources) : await runDaemon(sources));
  });
  program
    .command('demo')
    .description('serve a sample object from a small S3 of its own; needs no AWS account')
    .helpOption('--help', 'print this help')
    .option('--port <port>', 'port of the daemon', '8080')
    .action(async ({ port }: { readonly port: string }) => {
      const { runDemo } = await import('./demo.ts');
      setExitCode(await runDemo(Number(port)));
    });
  return program;
}

const HELP_EPILOGUE = `
Every key is also a line of the file and an environment variable: s3.bucket is S3_HELPER_S3_BUCKET.
A flag wins over the environment, that over the file, that over the default.

Examples:
  s3-helper --config /etc/s3-helper.yml
  s3-helper --s3-bucket my-media --s3-region eu-west-1
  s3-helper --check --config ./s3-helper.yml
  s3-helper demo
`;

/** evs-s3helper was called with `-config=PATH`, as Go's flag package has it. */
function acceptGoFlag(argument: string): string {
  return /^-(?:config|check|help|version)(?:=|$)/.test(argument) ? `-${argument}` : argument;
}

function toSources(options: Readonly<Record<string, string | boolean | undefined>>): ConfigSources {
  const flags = new Map<string, string>();
  for (const name of SETTING_NAMES) {
    const value = options[toCamelCase(name)];
    if (typeof value === 'string') flags.set(name, value);
  }
  const file = options['config'];
  return {
    flags,
    environment: process.env,
    file: typeof file === 'string' ? file : DEFAULT_FILE,
    fileIsOptional: typeof file !== 'string',
  };
}

/** How commander names the value of `--s3-path-style`. */
function toCamelCase(name: string): string {
  return name.replaceAll(/[._](\w)/g, (_, letter: string) => letter.toUpperCase());
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
