import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceBlock } from '../bench/charts/replace-block.ts';
import { PROJECT } from './copy-project.ts';
import { formatDependencyTable, listDependencyRows } from './describe-dependencies.ts';
import { InstalledTree } from './installed-tree.ts';

// Writes the figures of docs/dependencies.md anew, out of the lock file and of what is installed.
const PAGE = join(PROJECT, 'docs/dependencies.md');

const table = formatDependencyTable(listDependencyRows(new InstalledTree(PROJECT)));
const text = readFileSync(PAGE, 'utf8');
writeFileSync(PAGE, replaceBlock(text, 'figures', `<!-- prettier-ignore -->\n${table}`));
