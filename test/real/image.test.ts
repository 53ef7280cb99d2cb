import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DaemonSet } from 'kubernetes-types/apps/v1.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildImages, type BuiltImages, whyNoBuild } from '../packaging/image/build.ts';
import { type Network, openNetwork } from '../packaging/image/network.ts';
import { type Container, startContainer } from '../packaging/image/start-container.ts';
import { startNginxService, startS3Service } from '../packaging/image/start-services.ts';
import { findService, PROJECT, readCompose } from '../packaging/read-compose.ts';
import { readManifests } from '../packaging/read-manifests.ts';

const CLIP = readFileSync(join(PROJECT, 'test/fixtures/media/clip.mp4'));
const BUILD_DEADLINE_MS = 500_000;
const SIZE_BUDGET_BYTES = 220e6;
/** Enough to be ready: nothing is asked of S3 before a request comes. */
const ENVIRONMENT = {
  S3_HELPER_S3_BUCKET: 'demo-media',
  S3_HELPER_S3_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'known-to-everybody',
};

const reason = whyNoBuild();
if (reason !== undefined) console.log(`skipped, no image can be built: ${reason}`);

describe.skipIf(reason !== undefined)('The image', () => {
  let images: BuiltImages;
  let network: Network;
  const stops: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    images = await buildImages(PROJECT);
  }, BUILD_DEADLINE_MS);
  afterAll(() => (images as BuiltImages | undefined)?.remove());
  beforeEach(async () => {
    network = await openNetwork();
    stops.push(() => network.close());
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  const start = async (options: Parameters<typeof startContainer>[1]): Promise<Container> => {
    const container = await startContainer(images.image, options);
    stops.push(() => container.stop());
    return container;
  };

  test('holds no shell, and no program but Node', () => {
    const { root } = images.image;
    const programs = listFiles(root).filter(
      (path) => (statSync(join(root, path)).mode & 0o111) !== 0 && !path.startsWith('app/node_modules/'),
    );
    const others = programs.filter((path) => !/\.so[.\d]*$/.test(path));
    expect(others.toSorted()).toEqual(['app/dist/main.js', 'usr/local/bin/node']);
    expect(existsSync(join(root, 'bin'))).toBe(false);
  });

  test('holds what npm publishes, and no package that only the makers use', () => {
    const { root } = images.image;
    expect(readdirSync(join(root, 'app'))).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'config', 'dist', 'node_modules', 'package.json']),
    );
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(PROJECT, 'package.json'), 'utf8'),
    ) as Record<string, Record<string, string>>;
    const has = (name: string): boolean => existsSync(join(root, 'app/node_modules', name));
    expect(Object.keys(dependencies!).filter((name) => !has(name))).toEqual([]);
    // A package may be both: a tool of ours, and what a dependency stands on.
    const makers = ['typescript', 'vitest', 'eslint', 'prettier', 'echarts', 'node', 'playwright-core'];
    expect(makers.filter((name) => name in devDependencies! && has(name))).toEqual([]);
  });

  test('lists what is in it, for scanners', () => {
    const { root } = images.image;
    const { bomFormat, components } = JSON.parse(readFileSync(join(root, 'app/sbom.cdx.json'), 'utf8')) as {
      bomFormat: string;
      components: { group?: string; name: string }[];
    };
    const listed = components.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`));
    expect(bomFormat).toBe('CycloneDX');
    const installed = readdirSync(join(root, 'app/node_modules')).flatMap((name) =>
      name.startsWith('@')
        ? readdirSync(join(root, 'app/node_modules', name)).map((inner) => `${name}/${inner}`)
        : [name],
    );
    expect(installed.filter((name) => !name.startsWith('.') && !listed.includes(name))).toEqual([]);
    expect(readFileSync(join(root, 'var/lib/dpkg/status.d/libc6'), 'utf8')).toMatch(/^Package: libc6$/m);
  });

  test('is not large', () => {
    const { root } = images.image;
    const bytes = listFiles(root).reduce((sum, path) => sum + statSync(join(root, path)).size, 0);
    console.log(`the image holds ${(bytes / 1e6).toFixed(0)} MB`);
    expect(bytes).toBeLessThan(SIZE_BUDGET_BYTES);
  });

  test('runs the demo as a user without rights, on a read-only root', async () => {
    const demo = await start({ network, command: ['demo', '--port', '0'] });
    await demo.printed('Ctrl-C ends it.');
    expect(demo.output()).toContain('206, 262144 right bytes');
    expect(demo.status()).toMatch(/^Uid:\t65532\t65532\t65532\t65532$/m);
    expect(demo.status()).toMatch(/^CapEff:\t0+$/m);
    expect(await demo.stop()).toBe(0);
  });

  test('says by its health check whether it is ready, and ends well at its stop signal', async () => {
    const { healthCheck, stopSignal } = images.image.config;
    const daemon = await start({ network, environment: ENVIRONMENT });
    await daemon.printed('"listen":[');
    expect(daemon.execute(healthCheck)).toBe(0);
    daemon.signal(stopSignal as NodeJS.Signals);
    expect(await daemon.exited).toBe(0);
  });

  test('is unhealthy where there is no daemon', async () => {
    // The demo's daemon listens elsewhere, and none is at the admin address that the health check asks.
    const demo = await start({ network, command: ['demo', '--port', '0'], environment: ENVIRONMENT });
    await demo.printed('Ctrl-C ends it.');
    expect(demo.execute(images.image.config.healthCheck)).toBe(1);
  });

  test("makes a node's folder such that the daemon's socket is for nginx alone (config/kubernetes/daemon-set.yml)", () => {
    const daemonSet = readManifests('daemon-set.yml').find(({ kind }) => kind === 'DaemonSet') as DaemonSet;
    const [init] = daemonSet.spec!.template.spec!.initContainers!;
    const folder = mkdtempSync(join(tmpdir(), 's3-helper-node-'));
    stops.push(() => Promise.resolve(rmSync(folder, { recursive: true })));
    const node = join(images.image.root, 'usr/local/bin/node');
    const runAs = (rights: readonly string[], script: string): number | null =>
      spawnSync('setpriv', [...rights, node, '-e', script], { timeout: 10_000, cwd: '/' }).status;
    const as = (uid: number, gid: number): string[] => [
      '--reuid',
      `${uid}`,
      '--regid',
      `${gid}`,
      '--clear-groups',
    ];
    const capabilities = init!.securityContext!.capabilities!.add!.map((name) => `+${name.toLowerCase()}`);
    const bounds = ['--inh-caps', '-all', '--bounding-set', ['-all', ...capabilities].join(',')];
    expect(runAs(bounds, init!.args![0]!.replaceAll('/run/s3-helper', folder))).toBe(0);
    const { uid, gid, mode } = statSync(folder);
    expect([uid, gid, (mode & 0o7777).toString(8)]).toEqual([65532, 101, '2750']);

    const socket = join(folder, 's3-helper.sock');
    const listen = `require('node:net').createServer().listen('${socket}', () => {
      require('node:fs').chmodSync('${socket}', 0o660);
      // The file stays, as it does when a process ends without closing.
      process.exit(0); });`;
    expect(runAs(as(65532, 65532), listen)).toBe(0);
    expect([statSync(socket).gid, (statSync(socket).mode & 0o777).toString(8)]).toEqual([101, '660']);
    const connect = `require('node:net').connect('${socket}').on('error', ({ code }) =>
      process.exit({ ECONNREFUSED: 10, EACCES: 11 }[code] ?? 12));`;
    // Nobody listens any more, so who may connect is refused by that alone.
    expect(runAs(as(101, 101), connect)).toBe(10);
    expect(runAs(as(1000, 1000), connect)).toBe(11);
  });

  test.each(['s3', 'stub'] as const)('serves the clip through nginx: profile %s', async (profile) => {
    const compose = readCompose();
    const add = async <T extends { stop: () => Promise<unknown> }>(service: Promise<T>): Promise<T> => {
      const { stop } = await service;
      stops.push(stop);
      return service;
    };
    await add(startNginxService(compose, 'nginx', network));
    if (profile === 'stub') await add(startNginxService(compose, 'stub', network));
    else {
      await add(startS3Service(findService(compose, 's3'), images, network));
      const environment = findService(compose, 's3-helper').environment as Record<string, string>;
      const daemon = await start({ network, environment });
      await daemon.printed('"listen":[');
    }
    const read = (range: string): unknown => JSON.parse(network.evaluate(readThroughNginx(range)));
    expect(read('bytes=1000-1999')).toEqual({
      status: 206,
      range: `bytes 1000-1999/${CLIP.length}`,
      body: CLIP.subarray(1000, 2000).toString('hex'),
    });
    expect(read('bytes=-4')).toMatchObject({ status: 206, body: CLIP.subarray(-4).toString('hex') });
  });
});

/** A script that prints the answer as JSON. */
function readThroughNginx(range: string): string {
  return `
    const answer = await fetch('http://127.0.0.1:8000/show/clip.mp4', { headers: { range: '${range}' } });
    const body = Buffer.from(await answer.arrayBuffer()).toString('hex');
    console.log(JSON.stringify({ status: answer.status, range: answer.headers.get('content-range'), body }));`;
}

/** Every file that is no link, by its path. */
function listFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}
