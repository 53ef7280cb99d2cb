import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { findNearestName } from '../config/nearest-name.ts';
import type { ConfigSources } from '../config/read-config.ts';
import { flagName, SETTING_NAMES, SETTINGS } from '../config/settings.ts';
import { checkConfig } from './check.ts';
import { addDiagnosticCommands } from './diagnostic-commands.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { readVersion } from './read-version.ts';
import { addReload } from './reload-command.ts';

const DEFAULT_FILE = '/etc/s3-helper.yml';

type Options = Readonly<Record<string, string | boolean | undefined>>;

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
    .description('Signs unsigned S3 reads from this machine and streams the answers back.')
    .usage('[command] [options]')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .version(readVersion(), '--version', 'print the version')
    .option('--config <file>', `configuration file (default: ${DEFAULT_FILE}, which may be missing)`)
    .option('--check', 'check the configuration and exit with 0 or 78')
    .addOption(new Option('--pprof', 'accepted for old start scripts').hideHelp())
    .configureOutput({ outputError: (text, write) => write(toOneSentence(text)) })
    .exitOverride();
  addSettings(program);
  program.addHelpText('after', HELP_EPILOGUE);
  addServing(program, setExitCode);
  const context = { readSources: () => toSources(program.opts<Options>()), setExitCode };
  addReload(program, context);
  addDiagnosticCommands(program, context);
  program.command('worker', { hidden: true }).action(async () => {
    // Started by the supervisor only, which says over their channel what to do.
    const { runWorker } = await import('../workers/run-worker.ts');
    setExitCode(await runWorker(process.env));
  });
  program
    .command('demo')
    .description('serve a sample object from a small S3 of its own; needs no AWS account')
    .helpOption('-h, --help', 'print this help')
    .option('--port <port>', 'port of the daemon', parsePort, 8080)
    .action(async ({ port }: { readonly port: number }) => {
      const { runDemo } = await import('./demo.ts');
      setExitCode(await runDemo(port));
    });
  // Last, as the commands take over what is set before them: an unknown command is refused in words of our own.
  program.allowExcessArguments();
  return program;
}

/** Serving is what the program does without a command, and `run` is a name for it. */
function addServing(program: Command, setExitCode: (code: number) => void): void {
  const serve = async (): Promise<void> => {
    const options = program.opts<Options>();
    const sources = toSources(options);
    if (options['check'] === true) {
      setExitCode(await checkConfig(sources, { prints: false }));
    } else {
      // Loaded only here: a check, the help and the version need none of it.
      const { runDaemon } = await import('./run.ts');
      setExitCode(await runDaemon(sources));
    }
  };
  program
    .command('run')
    .description('serve, as without a command')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', '\nTakes --config and every setting of s3-helper --help.')
    .action(serve);
  program.action(async () => {
    refuseUnknownCommand(program);
    await serve();
  });
}

/** Commander itself looks for commands only where there is none to run without a name. */
function refuseUnknownCommand(program: Command): void {
  const [name] = program.args;
  if (name === undefined) return;
  const known = program.createHelp().visibleCommands(program);
  const nearest = findNearestName(
    name,
    known.map((command) => command.name()),
  );
  const hint = nearest === undefined ? '; --help lists all' : `\n(Did you mean ${nearest}?)`;
  program.error(`error: unknown command '${name}'${hint}`);
}

/**
 * Commander's `error: …` as our other sentences, with its suggestion on the same line, and without what may be secret: a
 * value behind a misspelt flag, and an address that holds a password.
 */
function toOneSentence(text: string): string {
  return text
    .replace(/^error: /, 's3-helper: ')
    .replace(/^(s3-helper: unknown option '[^'=]*)=[^]*'(?=\n)/, "$1'")
    .replace(/ argument '[^]*@[^]*' is invalid/, ' argument is invalid')
    .replace(/\n\(Did you mean (.*)\?\)/, '; did you mean $1?');
}

/** One flag for each setting, under the heading of its section. */
function addSettings(program: Command): void {
  for (const name of SETTING_NAMES) {
    const { about, defaultText = '' } = SETTINGS[name];
    const section = name.includes('.') ? `Settings under ${name.replace(/\..*$/, '')}:` : 'Settings:';
    const standard = defaultText === '' ? '' : ` (default: ${defaultText})`;
    program.optionsGroup(section).option(`${flagName(name)} <value>`, about + standard);
  }
}

const HELP_EPILOGUE = `
Each setting is also a key of the file and an environment variable:
--s3-bucket is s3.bucket and S3_HELPER_S3_BUCKET. A flag wins over the
environment, the environment over the file, the file over the default.
The file also holds routes, each to a bucket of its own.

Examples:
  s3-helper --config /etc/s3-helper.yml
  s3-helper --s3-bucket my-media --s3-region eu-west-1
  s3-helper check --config ./s3-helper.yml
  s3-helper doctor --key show/clip.mp4
  s3-helper demo
`;

/** evs-s3helper was called with `-config=PATH`, as Go's flag package has it. */
function acceptGoFlag(argument: string): string {
  return /^-(?:config|pprof|check|help|version)(?:=|$)/.test(argument) ? `-${argument}` : argument;
}

function toSources(options: Options): ConfigSources {
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

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('Write a port from 0 to 65535.');
}
