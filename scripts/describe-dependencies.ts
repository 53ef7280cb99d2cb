import type { InstalledTree, LockedPackage } from './installed-tree.ts';

/** The figures of one row of the table in docs/dependencies.md. */
export interface DependencyRow {
  readonly name: string;
  /** Empty where the row sums up others. */
  readonly version: string;
  /** With itself. */
  readonly packages: number;
  /** In millions of bytes; `–` where it is for another platform than this. */
  readonly megabytes: string;
  readonly licences: string;
}

/** A row for each package that the program asks for at run time, and two sums, in which what several bring counts once. */
export function listDependencyRows(tree: InstalledTree): readonly DependencyRow[] {
  const { required, optional } = tree.direct;
  const single = [...required, ...optional].map((name) => {
    const brought = tree.below([name]);
    const version = brought.find(({ path }) => path === `node_modules/${name}`)?.version ?? 'none';
    return { ...sumUp(brought), name: optional.includes(name) ? `${name} (optional)` : name, version };
  });
  return [
    ...single,
    { ...sumUp(tree.below(required)), name: 'all but the optional', version: '' },
    { ...sumUp(tree.below([...required, ...optional])), name: 'all', version: '' },
  ];
}

export function formatDependencyTable(rows: readonly DependencyRow[]): string {
  return [
    '| Package | Version | Packages | MB | Licences |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(
      ({ name, version, packages, megabytes, licences }) =>
        `| ${name} | ${version} | ${packages} | ${megabytes} | ${licences} |`,
    ),
  ].join('\n');
}

/** @throws {Error} where the page has no such table */
export function parseDependencyTable(page: string): readonly DependencyRow[] {
  const [, table] = /\| Package \| Version \|.*\n\| [- |]+\n((?:\|.*\n)+)/.exec(page) ?? [];
  if (table === undefined) throw new Error('the page has no table of packages and versions');
  return table
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [name = '', version = '', packages = '', megabytes = '', licences = ''] = line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim());
      return { name, version, packages: Number(packages), megabytes, licences };
    });
}

function sumUp(packages: readonly LockedPackage[]): Omit<DependencyRow, 'name' | 'version'> {
  const installed = packages.flatMap(({ bytes }) => bytes ?? []);
  const licences = new Map<string, number>();
  for (const { licence } of packages) licences.set(licence, (licences.get(licence) ?? 0) + 1);
  const byCount = [...licences].sort(
    ([one, count], [other, otherCount]) => otherCount - count || (one < other ? -1 : 1),
  );
  return {
    packages: packages.length,
    megabytes:
      installed.length === 0 ? '–' : (installed.reduce((sum, bytes) => sum + bytes, 0) / 1e6).toFixed(1),
    licences: byCount.map(([name, count]) => (count === 1 ? name : `${name} ×${count}`)).join(', '),
  };
}
