import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Claim, findTypeErrors } from './find-type-errors.ts';
import { PROJECT } from './read-compose.ts';
import { claimOf, MANIFEST_FILES, type Manifest, readManifests } from './read-manifests.ts';

const manifests = MANIFEST_FILES.flatMap(readManifests);
const policy = manifests.find(({ kind }) => kind === 'NetworkPolicy')!;
const task = JSON.parse(readFileSync(join(PROJECT, 'config/ecs/task-definition.json'), 'utf8')) as Record<
  string,
  unknown
>;

const breakPolicy = (name: string, spec: object): Claim => ({
  ...claimOf({ ...policy, spec } as Manifest),
  name,
});
const claimTask = (name: string, value: unknown): Claim => ({
  name,
  value,
  module: '@aws-sdk/client-ecs',
  type: 'RegisterTaskDefinitionCommandInput',
});

const right = [...manifests.map(claimOf), claimTask('task-definition.json', task)];
const wrong = [
  breakPolicy('an unknown key', { podSelector: {}, podSelektor: {} }),
  breakPolicy('a missing key', { policyTypes: [] }),
  breakPolicy('another type', { podSelector: {}, policyTypes: 'Ingress' }),
  claimTask('an unknown word', { ...task, networkMode: 'loopback' }),
  claimTask('an unknown key of ECS', { ...task, memori: '4096' }),
];
// The compiler reads the types once, for all of them.
const errors = findTypeErrors([...right, ...wrong]);

test('the manifests of Kubernetes and the task definition of ECS are what the published types say', () => {
  expect(right.length).toBeGreaterThan(9);
  const names = wrong.map(({ name }) => `${name}:`);
  expect(errors.filter((error) => !names.some((name) => error.startsWith(name)))).toEqual([]);
});

test.each(wrong)('$name would be noticed', ({ name }) => {
  expect(errors.filter((error) => error.startsWith(`${name}:`))).toHaveLength(1);
});
