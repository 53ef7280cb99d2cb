import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package as the lock file has it. */
export interface LockedPackage {
  /** From the project, such as `node_modules/a/node_modules/b`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** As SPDX writes it; what the package says itself where it is installed, else what the lock file says. */
  readonly licence: string;
  /** By the lock file or, where it is installed, by its own files. */
  readonly hasInstallScript: boolean;
  /** Without the packages inside of it; undefined where it is not installed, as one for another platform. */
  readonly bytes: number | undefined;
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** What the lock file of a project locks, and what of it is installed. */
export class InstalledTree {
  readonly #project: string;
  readonly #entries: Readonly<Record<string, LockEntry>>;

  constructor(project: string) {
    this.#project = project;
    const text = readFileSync(join(project, 'package-lock.json'), 'utf8');
    this.#entries = (JSON.parse(text) as { readonly packages: Record<string, LockEntry> }).packages;
  }

  /** What the program itself asks for at run time. */
  get direct(): { readonly required: readonly string[]; readonly optional: readonly string[] } {
    const { dependencies = {}, optionalDependencies = {} } = this.#entries[''] ?? {};
    const optional = Object.keys(optionalDependencies);
    return { required: Object.keys(dependencies).filter((name) => !optional.includes(name)), optional };
  }

  /** Every package of the project, those for its development too. */
  get all(): readonly LockedPackage[] {
    return Object.keys(this.#entries)
      .filter((path) => path !== '')
      .map((path) => this.#describe(path));
  }

  /** The named packages and all that they ask for, each once, by path. Peers are the user's own choice. */
  below(names: readonly string[]): readonly LockedPackage[] {
    const found = new Set<string>();
    const visit = (path: string | undefined): void => {
      if (path === undefined || found.has(path)) return;
      found.add(path);
      const { dependencies, optionalDependencies } = this.#entries[path] ?? {};
      for (const name of Object.keys({ ...dependencies, ...optionalDependencies }))
        visit(this.#resolve(path, name));
    };
    for (const name of names) visit(this.#resolve('', name));
    return [...found].sort().map((path) => this.#describe(path));
  }

  /** As Node looks for a package: beside the one that asks, then further out. */
  #resolve(from: string, name: string): string | undefined {
    for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
      const path = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
      if (path in this.#entries) return path;
      if (at === '') return undefined;
    }
  }

  #describe(path: string): LockedPackage {
    const entry = this.#entries[path] ?? {};
    const folder = join(this.#project, path);
    const manifest = readManifest(folder);
    return {
      path,
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version ?? 'none',
      licence: (manifest && nameLicences(manifest)) ?? entry.license ?? 'none',
      hasInstallScript:
        entry.hasInstallScript === true || (manifest !== undefined && hasScript(manifest, folder)),
      bytes: manifest && sumBytes(folder),
    };
  }
}

type Licence = string | { readonly type: string };

/** Of a package's own package.json. */
interface Manifest {
  readonly license?: Licence | readonly Licence[];
  readonly licenses?: readonly Licence[];
  readonly scripts?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest | undefined {
  const file = join(folder, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : undefined;
}

/** Older packages write an object, or a list of them. */
function nameLicences({ license, licenses }: Manifest): string | undefined {
  const names = [license ?? licenses ?? []].flat().map((one) => (typeof one === 'string' ? one : one.type));
  return names.length === 0 ? undefined : names.join(' OR ');
}

/** npm runs these when it installs a package, and builds one that holds a binding.gyp. */
function hasScript({ scripts = {} }: Manifest, folder: string): boolean {
  return (
    ['preinstall', 'install', 'postinstall'].some((name) => name in scripts) ||
    existsSync(join(folder, 'binding.gyp'))
  );
}

/** Of all files in a folder, but for the packages in it. */
export function sumBytes(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += sumBytes(path);
    else if (entry.isFile()) bytes += lstatSync(path).size;
  }
  return bytes;
}
