import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadText } from '../config/load-text.ts';
import { PROJECT } from './read-compose.ts';

interface UserData {
  readonly write_files: readonly {
    readonly path: string;
    readonly permissions: string;
    readonly content: string;
  }[];
  readonly runcmd: readonly (readonly string[])[];
}

const text = readFileSync(join(PROJECT, 'config/ec2/user-data.yml'), 'utf8');
const userData = parse(text) as UserData;
const fileOf = (path: string) => userData.write_files.find((file) => file.path === path)!;

describe('The user data', () => {
  test('begins with the line by which cloud-init knows it, and is within the 16 KiB that EC2 takes', () => {
    expect(text.split('\n')[0]).toBe('#cloud-config');
    expect(Buffer.byteLength(text)).toBeLessThan(16 * 1024);
  });

  test("writes a configuration that the daemon takes, with the instance's credentials", () => {
    const config = loadText(fileOf('/etc/s3-helper.yml').content);
    expect(config.credentials.source).toBe('instance');
    expect(config.listen).toEqual([{ kind: 'unix', path: '/run/s3-helper/s3-helper.sock' }]);
  });

  test('holds no secret', () => {
    expect(text).not.toMatch(/AKIA|ASIA|SECRET|aws_secret|PRIVATE KEY|password/);
  });

  test('checks the configuration before it starts anything, and the daemon before nginx', () => {
    const commands = userData.runcmd.map((command) => command.slice(0, 2).join(' '));
    expect(commands).toEqual([
      's3-helper check',
      'systemctl daemon-reload',
      'systemctl enable',
      's3-helper wait',
      'systemctl enable',
    ]);
    expect(userData.runcmd.at(-1)).toContain('nginx.service');
  });
});
