import type { LookupFunction } from 'node:net';
import { expect } from 'vitest';
import { diagnose } from '../../src/cli/doctor/diagnose.ts';
import type { Result } from '../../src/cli/doctor/run-checks.ts';
import { stubAwsEnvironment } from '../servers/aws-environment.ts';
import { FAKE_CREDENTIAL, type FakeS3 } from '../servers/fake-s3.ts';
import { findSecrets } from '../support/open-scene.ts';

export interface Patient {
  /** Values by dotted key, as flags would give them. */
  readonly settings: Readonly<Record<string, string>>;
  /** YAML of the routes. */
  readonly routes?: string;
  /** In place of keys that the fake S3 knows. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly file?: string;
  readonly key?: string;
  readonly through?: string;
  readonly lookup?: LookupFunction;
}

export interface Diagnosis {
  readonly results: readonly Result[];
  /** The only result of a check, or that of a subject. */
  readonly of: (check: string, subject?: string) => Result;
}

/** The environment in which the keys of the fake S3 are found. */
export const FAKE_KEYS = {
  AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
  AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
  AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken ?? '',
} as const;

/** Runs doctor in this process, with no AWS settings but those given. No secret may be in what it says. */
export async function diagnoseHere(patient: Patient): Promise<Diagnosis> {
  const { settings, routes, environment = FAKE_KEYS, key, through, lookup } = patient;
  stubAwsEnvironment(environment);
  const flags = new Map(Object.entries({ listen: '127.0.0.1:0', ...settings }));
  const results: Result[] = [];
  const sources = {
    flags,
    environment: {
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_CONFIG_FILE: '/dev/null',
      ...environment,
      ...(routes !== undefined && { S3_HELPER_ROUTES: routes }),
    },
    file: patient.file ?? '/nonexistent/s3-helper.yml',
    fileIsOptional: patient.file === undefined,
  };
  const options = { key, through: through === undefined ? undefined : new URL(through), lookup };
  for await (const result of diagnose(sources, options)) results.push(result);
  expect(findSecrets(JSON.stringify(results))).toEqual([]);
  return {
    results,
    of: (check, subject) => {
      const found = results.filter(
        (one) => one.check === check && [undefined, one.subject].includes(subject),
      );
      expect(found, `results of ${check}`).toHaveLength(1);
      return found[0]!;
    },
  };
}

/** The settings of a daemon in front of this S3. */
export function toSettings(s3: FakeS3, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { 's3.endpoint': s3.endpoint, 's3.bucket': s3.bucket, 's3.region': s3.region, ...more };
}
