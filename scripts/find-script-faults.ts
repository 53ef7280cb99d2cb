import type { LockedPackage } from './installed-tree.ts';

/** package.json's `allowScripts`: which packages may run scripts when they are installed. */
export type AllowScripts = Readonly<Record<string, boolean>>;

/** One sentence for each package with an install script that nobody decided about, and for each decision about nothing. */
export function findScriptFaults(packages: readonly LockedPackage[], allowScripts: AllowScripts): string[] {
  const withScripts = packages.filter(({ hasInstallScript }) => hasInstallScript);
  const names = new Set(withScripts.map(({ name }) => name));
  const undecided = withScripts
    .filter(({ name }) => !Object.hasOwn(allowScripts, name))
    .map(
      ({ path, version }) => `${path} ${version}: has an install script; write true or false in allowScripts`,
    );
  const stale = Object.keys(allowScripts)
    .filter((name) => !names.has(name))
    .map((name) => `${name}: is in allowScripts and has no install script`);
  return [...undecided, ...stale];
}
