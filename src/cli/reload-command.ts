import type { Command } from 'commander';
import { type CommandContext, createTimeoutOption, SETTINGS_NOTE } from './diagnostic-commands.ts';

/** `reload`: what the daemon is told from outside. */
export function addReload(program: Command, { readSources, setExitCode }: CommandContext): void {
  program
    .command('reload')
    .description('let the running daemon of this configuration read it again')
    .helpOption('-h, --help', 'print this help')
    .addOption(createTimeoutOption('wait so long for the outcome'))
    .addHelpText('after', `${SETTINGS_NOTE}${RELOAD_EXAMPLES}`)
    .action(async ({ timeout }: { readonly timeout: number }) => {
      const { reloadDaemon } = await import('./reload.ts');
      setExitCode(await reloadDaemon(readSources(), timeout));
    });
}

const RELOAD_EXAMPLES = `
Only --config matters: it says which daemon. That one reads its file again, with
the environment and the flags that it was started with, and serves on with the
old configuration where the new one has a mistake. No request is refused or cut.
Exits with 0, or with 1 and the reason.

Examples:
  s3-helper reload
  s3-helper reload --timeout 2m --config /etc/s3-helper.yml
`;
