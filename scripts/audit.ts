import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './copy-project.ts';
import { findLicenceFaults } from './find-licence-faults.ts';
import { type AllowScripts, findScriptFaults } from './find-script-faults.ts';
import { InstalledTree } from './installed-tree.ts';

// Looks at every package of the lock file: its licence, whether it runs a script when it is installed, and whether it is
// what its maintainers signed. Exits with 1 where something is wrong.
const SIGNATURES_TIMEOUT_MS = 120_000;
/** The registry, or the service that vouches for its keys, cannot be asked or keeps no signatures. */
const UNREACHABLE =
  /code (?:ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|E40\d|TUF_\w+)|found no dependencies to audit.*/;

const tree = new InstalledTree(PROJECT);
const { required, optional } = tree.direct;
const atRunTime = tree.below([...required, ...optional]);
const { allowScripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
  readonly allowScripts: AllowScripts;
};
const faults = [
  ...findLicenceFaults(atRunTime, 'run time'),
  ...findLicenceFaults(tree.all, 'development'),
  ...findScriptFaults(tree.all, allowScripts),
];
for (const fault of faults) console.log(`not ok: ${fault}`);
if (faults.length === 0) {
  console.log(`ok: the licences of ${atRunTime.length} packages at run time, ${tree.all.length} in all`);
  console.log(`ok: the install scripts of ${Object.keys(allowScripts).length} packages are decided about`);
}
const areSignaturesWrong = auditSignatures();
process.exitCode = faults.length > 0 || areSignaturesWrong ? 1 : 0;

/** Not every registry and not every network lets signatures be looked at; that is said, and no fault. */
function auditSignatures(): boolean {
  const { status, stdout, stderr, error } = spawnSync('npm', ['audit', 'signatures', '--fetch-retries=0'], {
    cwd: PROJECT,
    encoding: 'utf8',
    timeout: SIGNATURES_TIMEOUT_MS,
  });
  if (status === 0) {
    console.log(`ok: ${stdout.trim().split(/\n+/).join('; ')}`);
    return false;
  }
  const reason = error?.message ?? UNREACHABLE.exec(stderr)?.[0];
  // Where npm has compared, it names the packages that are wrong.
  console.log(
    reason === undefined
      ? `not ok: npm audit signatures\n${stdout}${stderr}`
      : `skipped: npm audit signatures cannot be had here: ${reason}`,
  );
  return reason === undefined;
}
