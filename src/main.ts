#!/usr/bin/env node
import { EXIT_CONFIG, EXIT_INTERNAL } from './cli/exit-codes.ts';

// Nothing else is imported here: what follows needs the newer Node to be loaded at all.
const OLDEST_NODE = [22, 19] as const;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  const [, program = '', command = ''] = process.argv;
  // The name of a command is no secret, which flags may be.
  const rest = /^[a-z]+$/.test(command) ? ` ${command}` : '';
  process.stderr.write(
    `s3-helper needs Node ${OLDEST_NODE.join('.')} or newer, and this is Node ${process.versions.node}; ` +
      `npm brings one: npx --yes --package node@26 node ${program}${rest}\n`,
  );
  process.exit(EXIT_CONFIG);
}

const { describeCrash } = await import('./cli/describe-crash.ts');
process.on('uncaughtException', (error) => {
  process.stderr.write(describeCrash(error));
  process.exit(EXIT_INTERNAL);
});
const { runCommandLine } = await import('./cli/command-line.ts');
process.exit(await runCommandLine(process.argv.slice(2)));
