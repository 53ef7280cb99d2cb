import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pickFreePorts } from '../support/free-ports.ts';
import { SWIFT_SERVER_NAMES, type SwiftPorts, createSwiftConfig } from './swift-config.ts';
import { DEBIAN_PYTHON } from './swift-process.ts';
import { type TestAuthority, createTestAuthority } from './test-certificates.ts';

const STORAGE_DEADLINE_MS = 20_000;

/** What a Swift needs on disk before its servers start. */
export interface SwiftDirectory {
  /** Holds the configuration files, the rings and the logs. */
  readonly swiftDirectory: string;
  readonly ports: SwiftPorts;
  /** Signed the certificate of the TLS proxy. */
  readonly authority: TestAuthority;
}

/** Fills an empty directory with Swift's configuration, rings, certificates and an empty device. */
export async function prepareSwiftDirectory(directory: string): Promise<SwiftDirectory> {
  const swiftDirectory = join(directory, 'etc');
  const devicesDirectory = join(directory, 'node');
  const cacheDirectory = join(directory, 'cache');
  for (const path of [swiftDirectory, devicesDirectory, cacheDirectory]) await mkdir(path);
  const [ports, authority] = await Promise.all([pickSwiftPorts(), createTestAuthority(directory)]);
  const [{ certFile, keyFile }] = await Promise.all([
    authority.issue(),
    createStorage(devicesDirectory, swiftDirectory, ports),
  ]);
  const paths = { swiftDirectory, devicesDirectory, cacheDirectory, certFile, keyFile };
  const files = createSwiftConfig({ ...paths, ports, userName: userInfo().username });
  for (const [name, text] of Object.entries(files)) await writeFile(join(swiftDirectory, name), text);
  return { swiftDirectory, ports, authority };
}

/** The rings name the ports, so these are chosen before the servers start; Swift waits for one that is taken meanwhile. */
async function pickSwiftPorts(): Promise<SwiftPorts> {
  const ports = await pickFreePorts(SWIFT_SERVER_NAMES.length);
  return Object.fromEntries(SWIFT_SERVER_NAMES.map((name, index) => [name, ports[index]])) as SwiftPorts;
}

async function createStorage(
  devicesDirectory: string,
  swiftDirectory: string,
  ports: SwiftPorts,
): Promise<void> {
  const script = join(import.meta.dirname, 'swift-storage.py');
  const servers = (['account', 'container', 'object'] as const).map((name) => `${name}=${ports[name]}`);
  await promisify(execFile)(DEBIAN_PYTHON, ['-I', script, devicesDirectory, swiftDirectory, ...servers], {
    timeout: STORAGE_DEADLINE_MS,
  });
}
