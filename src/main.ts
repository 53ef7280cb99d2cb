#!/usr/bin/env node
import { EXIT_CONFIG } from './cli/exit-codes.ts';

// Nothing else is imported here: what follows needs the newer Node to be loaded at all.
const OLDEST_NODE = [22, 19] as const;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  process.stderr.write(
    `s3-helper needs Node ${OLDEST_NODE.join('.')} or newer; this is Node ${process.versions.node}\n`,
  );
  process.exit(EXIT_CONFIG);
}

const { runCommandLine } = await import('./cli/command-line.ts');
process.exit(await runCommandLine(process.argv.slice(2)));
