import { devNull } from 'node:os';
import { onTestFinished, vi } from 'vitest';

/** Lets the AWS SDK see these variables and no other `AWS_` one, nor any shared config file, until the test ends. */
export function stubAwsEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  }
  const noFiles = { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull };
  for (const [name, value] of Object.entries({ ...noFiles, ...variables })) vi.stubEnv(name, value);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}
