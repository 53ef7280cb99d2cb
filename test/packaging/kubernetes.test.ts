import type { ConfigMap, Container, PodSpec } from 'kubernetes-types/core/v1.js';
import type { DaemonSet, Deployment } from 'kubernetes-types/apps/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import { describe, expect, test } from 'vitest';
import { loadText } from '../config/load-text.ts';
import { MANIFEST_FILES, readManifests } from './read-manifests.ts';

const OURS = 's3-helper';
const manifests = MANIFEST_FILES.flatMap(readManifests);

const find = (kind: string, name: string): unknown => {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
};
const sidecar = (find('Deployment', 'packager') as Deployment).spec!.template.spec!;
const node = (find('DaemonSet', OURS) as DaemonSet).spec!.template.spec!;
const containersOf = ({ initContainers = [], containers }: PodSpec): Container[] => [
  ...initContainers,
  ...containers,
];
const daemonOf = (pod: PodSpec): Container => containersOf(pod).find(({ name }) => name === OURS)!;

describe.each([
  ['the sidecar', sidecar, 's3-helper'],
  ['the daemon of a node', node, 's3-helper-node'],
])('%s', (_, pod, configName) => {
  const daemon = daemonOf(pod);
  const config = loadText((find('ConfigMap', configName) as ConfigMap).data!['s3-helper.yml']!, {
    environment: Object.fromEntries((daemon.env ?? []).map(({ name, value }) => [name, value ?? ''])),
  });

  test('has a configuration that the daemon takes, and mounts it where its argument says', () => {
    const [flag, file] = daemon.args!;
    const mount = daemon.volumeMounts!.find(({ name }) => name === 'config')!;
    const volume = pod.volumes!.find(({ name }) => name === 'config')!;
    expect([flag, file]).toEqual(['--config', `${mount.mountPath}/s3-helper.yml`]);
    expect(volume.configMap!.name).toBe(configName);
  });

  test('offers the bucket to nobody on the network, and its health at the port that the probes ask', () => {
    const addresses = config.listen.map((address) => (address.kind === 'tcp' ? address.host : 'unix'));
    expect(addresses.every((address) => address === '127.0.0.1' || address === 'unix')).toBe(true);
    expect(config.admin.listen).toMatchObject({ kind: 'tcp', host: '0.0.0.0' });
    const { port } = config.admin.listen as { port: number };
    expect(daemon.ports).toEqual([{ name: 'admin', containerPort: port }]);
    const probes = [daemon.startupProbe, daemon.livenessProbe, daemon.readinessProbe];
    expect(probes.map((probe) => probe?.httpGet)).toEqual(
      ['/startupz', '/livez', '/readyz'].map((path) => ({ path, port: 'admin' })),
    );
  });

  test('has time to drain', () => {
    const graceMs = (pod.terminationGracePeriodSeconds ?? 30) * 1000;
    expect(graceMs).toBeGreaterThan(config.timeouts.drainMs + 15_000);
  });

  test('has no rights, no writable root and no limit for its CPU', () => {
    expect(daemon.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.securityContext).toMatchObject({ seccompProfile: { type: 'RuntimeDefault' }, fsGroup: 65532 });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(Object.keys(daemon.resources!.limits!)).toEqual(['memory']);
    expect(Object.keys(daemon.resources!.requests!)).toEqual(['cpu', 'memory']);
  });

  test('pins its image', () => {
    for (const { image } of containersOf(pod)) expect(image).toMatch(/^[a-z0-9-]+:\d+\.\d+\.\d+$/);
  });
});

test('the sidecar starts before the packager and ends after it', () => {
  expect(sidecar.initContainers!.map(({ name }) => name)).toContain(OURS);
  expect(daemonOf(sidecar).restartPolicy).toBe('Always');
  const [packager] = sidecar.containers;
  expect(packager!.lifecycle!.preStop!.exec!.command).toEqual(['sleep', '10']);
});

test("the node's folder becomes the daemon's with nginx's group, by a container that may do nothing else", () => {
  const [folder] = node.initContainers!;
  expect(folder!.args![0]).toMatch(
    /chownSync\('\/run\/s3-helper', 65532, 101\);\s+chmodSync\('\/run\/s3-helper', 0o2750\)/,
  );
  expect(folder!.securityContext!.capabilities).toEqual({
    drop: ['ALL'],
    add: ['CHOWN', 'FOWNER', 'FSETID'],
  });
  const volume = node.volumes!.find(({ name }) => name === 'socket-folder');
  expect(volume!.hostPath).toEqual({ path: '/run/s3-helper', type: 'DirectoryOrCreate' });
  expect(node.hostNetwork ?? false).toBe(false);
});

describe.each(['packager', OURS])('the network policy of %s', (name) => {
  const { spec } = find('NetworkPolicy', name) as NetworkPolicy;

  test('governs both ways and opens no port of the bucket', () => {
    expect(spec!.policyTypes).toEqual(['Ingress', 'Egress']);
    const ports = spec!.ingress!.flatMap((rule) => rule.ports!.map(({ port }) => port));
    expect(ports).not.toContain(8080);
    expect(spec!.ingress!.every(({ from }) => from !== undefined && from.length > 0)).toBe(true);
  });

  test('lets out names, S3 and STS over 443, the Pod Identity agent, and not the metadata of the node', () => {
    const out = spec!.egress!.map(({ to, ports }) => {
      const where = to!.map(
        ({ ipBlock, podSelector }) => ipBlock?.cidr ?? podSelector?.matchLabels?.['k8s-app'],
      );
      return [where, ports!.map(({ port }) => port)];
    });
    expect(out).toEqual([
      [['kube-dns'], [53, 53]],
      [['0.0.0.0/0'], [443]],
      [['169.254.170.23/32'], [80]],
    ]);
    const everywhere = spec!.egress![1]!.to![0]!.ipBlock!;
    expect(everywhere.except).toEqual(['169.254.0.0/16']);
  });
});
