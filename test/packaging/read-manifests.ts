import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Claim } from './find-type-errors.ts';
import { PROJECT } from './read-compose.ts';

/** One object of Kubernetes. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export const MANIFEST_FILES = ['sidecar.yml', 'network-policy.yml', 'daemon-set.yml'] as const;
const FOLDER = join(PROJECT, 'config/kubernetes');

/** Every object of a file, in order. @throws {Error} at what is no YAML */
export function readManifests(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join('; ')}`);
    return document.toJS() as Manifest;
  });
}

/** That an object is what its apiVersion and kind say: the group `policy/v1` is a module of kubernetes-types. */
export function claimOf(manifest: Manifest): Claim {
  const { apiVersion, kind, metadata } = manifest;
  const group = apiVersion.includes('/') ? apiVersion.replace('.k8s.io', '') : `core/${apiVersion}`;
  return {
    name: `${kind} ${metadata.name}`,
    value: manifest,
    module: `kubernetes-types/${group}.js`,
    type: kind,
  };
}
