import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { PROJECT } from './copy-project.ts';
import { describeConfigTypes } from './describe-config-types.ts';

// Makes what the package runs, in dist/ or in --out DIR: the compiled sources, the files of the status page, and the types
// of the configuration file. --no-check leaves finding type errors to another run of the compiler.
const PAGE = 'admin/page';
/** What a browser is sent; the page's tsconfig.json is for those who write it. */
const PAGE_EXTENSIONS = ['.css', '.html', '.js', '.svg'];

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(PROJECT, 'dist') },
    check: { type: 'boolean', default: true },
  },
  allowNegative: true,
});

rmSync(values.out, { recursive: true, force: true });
const compiler = join(PROJECT, 'node_modules/typescript/bin/tsc');
const flags = ['-p', join(PROJECT, 'tsconfig.build.json'), '--outDir', values.out];
const { status } = spawnSync(process.execPath, [compiler, ...flags, ...(values.check ? [] : ['--noCheck'])], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
cpSync(join(PROJECT, 'src', PAGE), join(values.out, PAGE), {
  recursive: true,
  filter: (path) => path.endsWith(PAGE) || PAGE_EXTENSIONS.includes(extname(path)),
});
writeFileSync(join(values.out, 'config.d.ts'), describeConfigTypes());
chmodSync(join(values.out, 'main.js'), 0o755);
