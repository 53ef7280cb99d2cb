import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { expect, test } from 'vitest';
import { loadText } from '../config/load-text.ts';
import { readDockerfile } from './image/read-dockerfile.ts';
import { PROJECT } from './read-compose.ts';

const task = JSON.parse(
  readFileSync(join(PROJECT, 'config/ecs/task-definition.json'), 'utf8'),
) as RegisterTaskDefinitionCommandInput;
const [daemon, packager] = task.containerDefinitions as [Container, Container];
type Container = NonNullable<RegisterTaskDefinitionCommandInput['containerDefinitions']>[number];

test('the containers share a loopback interface, and only the packager has a port', () => {
  expect(task.networkMode).toBe('awsvpc');
  expect([daemon.name, daemon.portMappings]).toEqual(['s3-helper', undefined]);
  expect(packager.portMappings!.map(({ containerPort }) => containerPort)).toEqual([8000]);
});

test('the daemon has a configuration that it takes, and credentials of the task alone', () => {
  const environment = Object.fromEntries(daemon.environment!.map(({ name, value }) => [name!, value!]));
  const config = loadText('', { environment });
  expect(config.credentials.source).toBe('container');
  expect(daemon.stopTimeout! * 1000).toBeGreaterThan(config.timeouts.drainMs);
  expect(task.taskRoleArn).toBeDefined();
});

test('the packager starts when the daemon is healthy, by the same check as in the image', () => {
  expect(packager.dependsOn).toEqual([{ containerName: 's3-helper', condition: 'HEALTHY' }]);
  const image = readDockerfile(readFileSync(join(PROJECT, 'Dockerfile'), 'utf8')).at(-1)!;
  const check = image.steps.find((step) => step.kind === 'HEALTHCHECK')!;
  expect(daemon.healthCheck!.command).toEqual(['CMD', ...check.command]);
  expect(check.flags).toMatchObject({
    interval: `${daemon.healthCheck!.interval!}s`,
    timeout: `${daemon.healthCheck!.timeout!}s`,
    'start-period': `${daemon.healthCheck!.startPeriod!}s`,
    retries: `${daemon.healthCheck!.retries!}`,
  });
});

test('the daemon has no rights and no writable root, and no secret in its definition', () => {
  expect([daemon.user, daemon.readonlyRootFilesystem]).toEqual(['65532:65532', true]);
  expect(daemon.linuxParameters!.capabilities).toEqual({ drop: ['ALL'] });
  expect(JSON.stringify(task)).not.toMatch(/SECRET|TOKEN|LICENSE_KEY/);
});

test('what both may use is within what the task has', () => {
  expect(daemon.memory! + packager.memoryReservation!).toBeLessThanOrEqual(Number(task.memory));
});
