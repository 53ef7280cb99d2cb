import type { LockedPackage } from './installed-tree.ts';

/** What may be shipped beside a program under MIT without further thought, as SPDX writes it. */
const RUN_TIME_LICENCES = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
] as const;

/** What may be used to develop, as it is not handed on: MPL-2.0 asks something of those who change its files. */
const DEVELOPMENT_LICENCES: readonly string[] = [...RUN_TIME_LICENCES, 'MPL-2.0'];

/** Packages with another licence that were looked at, and why they may be here. */
const LOOKED_AT: Readonly<Record<string, { readonly licence: string; readonly because: string }>> = {
  '@newrelic/security-agent': {
    licence: 'New Relic Software License v1.0',
    because: "comes with New Relic's agent, which is optional and only for customers of New Relic",
  },
  'humanize-number': {
    licence: 'none',
    because: 'comes with s3rver, which plays S3 in tests; its Readme.md says MIT',
  },
};

/** Whether the program needs a package when it runs, or only those who develop it. */
export type Use = 'run time' | 'development';

/** One sentence for each package whose licence is not allowed for its use. */
export function findLicenceFaults(packages: readonly LockedPackage[], use: Use): string[] {
  const allowed: readonly string[] = use === 'run time' ? RUN_TIME_LICENCES : DEVELOPMENT_LICENCES;
  return packages
    .filter(({ name, licence }) => {
      if (LOOKED_AT[name]?.licence === licence) return false;
      // Whoever offers several lets one choose.
      return !licence.split(' OR ').some((one) => allowed.includes(one.replace(/^\(|\)$/g, '')));
    })
    .map(({ path, version, licence }) => `${path} ${version}: ${licence} is not allowed at ${use}`);
}
