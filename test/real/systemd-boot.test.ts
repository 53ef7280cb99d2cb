import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { RangeLoad } from '../servers/range-load.ts';
import { type RunningNginx, startNginx } from '../servers/start-nginx.ts';
import { findObstacle, type RunningSystemd, startSystemd } from '../servers/start-systemd.ts';
import { pickFreePort } from '../support/free-ports.ts';
import { sendRequest } from '../support/send-request.ts';

const OBJECT_BYTES = 16_000_000;
const obstacle = findObstacle();
if (obstacle !== undefined) console.log(`Not tested under a real systemd: ${obstacle}`);

describe.skipIf(obstacle !== undefined)('Under a real systemd, with the shipped units,', () => {
  let port: number;
  let s3: FakeS3;
  let systemd: RunningSystemd;
  let nginx: RunningNginx;
  const toYaml = (more = ''): string =>
    `listen: 127.0.0.1:${port}\ns3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}"}\n${more}`;
  const { accessKeyId, secretAccessKey, sessionToken = '' } = FAKE_CREDENTIAL;

  beforeAll(async () => {
    port = await pickFreePort();
    s3 = await startFakeS3();
    s3.put('clip.mp4', { size: OBJECT_BYTES });
    systemd = await startSystemd({
      yaml: toYaml(),
      dropIns: {
        's3-helper.service': [
          '[Service]\nWatchdogSec=3s\nEnvironment=AWS_EC2_METADATA_DISABLED=true',
          `Environment=AWS_ACCESS_KEY_ID=${accessKeyId} "AWS_SECRET_ACCESS_KEY=${secretAccessKey}"`,
          `Environment="AWS_SESSION_TOKEN=${sessionToken}"\n`,
        ].join('\n'),
        's3-helper.socket': `[Socket]\nListenStream=\nListenStream=127.0.0.1:${port}\n`,
      },
    });
    nginx = await startNginx({
      conf: 'include /etc/nginx/s3-helper/upstream-s3-helper.conf; include /etc/nginx/s3-helper/plain.conf;',
      replacements: { '127.0.0.1:8080': `127.0.0.1:${port}` },
    });
  });
  afterAll(async () => {
    await nginx.close();
    await systemd.close();
    await s3.close();
  });

  test('the first connection starts the service, which runs as nobody that is known, and serves.', async () => {
    expect(await systemd.systemctl('start', 's3-helper.socket')).toEqual({ code: 0, output: '' });
    expect(await systemd.show('ActiveState')).toBe('inactive');
    const { status } = await sendRequest(port, '/clip.mp4', { headers: { Range: 'bytes=0-9' } });
    expect(status).toBe(206);
    expect([await systemd.show('ActiveState'), await systemd.show('StatusText')]).toEqual([
      'active',
      `Serving on 127.0.0.1:${port}`,
    ]);
    const { output } = await systemd.run('stat', '--format=%u', `/proc/${await systemd.show('MainPID')}`);
    // systemd.exec(5), DynamicUser=
    expect(Number(output)).toBeGreaterThanOrEqual(61_184);
    expect(Number(output)).toBeLessThanOrEqual(65_519);
  });

  test('five restarts and five reloads under load fail no request; a bad file fails the reload and nothing else.', async () => {
    const load = new RangeLoad({
      port: nginx.ports.get('127.0.0.1:8081')!,
      target: '/clip.mp4',
      objectBytes: OBJECT_BYTES,
      rangeBytes: 32_000,
      requestsPerSecond: 100,
    });
    for (let round = 0; round < 5; round += 1) {
      expect(await systemd.systemctl('restart', 's3-helper.service')).toEqual({ code: 0, output: '' });
      systemd.writeConfig(toYaml(`routes: [{path: /round-${round}/, bucket: media}]\n`));
      expect(await systemd.systemctl('reload', 's3-helper.service')).toEqual({ code: 0, output: '' });
      const { status } = await sendRequest(port, `/round-${round}/clip.mp4`, { method: 'HEAD' });
      expect(status).toBe(200);
    }
    systemd.writeConfig(toYaml('nonsense: 1\n'));
    expect((await systemd.systemctl('reload', 's3-helper.service')).code).not.toBe(0);
    expect([await systemd.show('ActiveState'), await systemd.show('StatusText')]).toEqual([
      'active',
      `Serving on 127.0.0.1:${port}; the last reload failed: nonsense: no such key (/etc/s3-helper.yml); --help lists all`,
    ]);
    const { sent, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(sent).toBeGreaterThan(100);
    systemd.writeConfig(toYaml());
  });

  test('a process that hangs is replaced.', async () => {
    const before = await systemd.show('MainPID');
    await systemd.run('kill', '-STOP', before);
    const { status } = await sendRequest(port, '/clip.mp4', { method: 'HEAD', deadlineMs: 30_000 }).catch(
      () =>
        // Its connection was the old one's.
        sendRequest(port, '/clip.mp4', { method: 'HEAD', deadlineMs: 30_000 }),
    );
    expect(status).toBe(200);
    expect(await systemd.show('MainPID')).not.toBe(before);
    expect(await systemd.show('NRestarts')).toBe('1');
  });

  test('with workers, the socket is served by them, and its end is theirs.', async () => {
    systemd.writeConfig(toYaml('workers: 2\n'));
    expect((await systemd.systemctl('restart', 's3-helper.service')).code).toBe(0);
    for (let count = 0; count < 4; count += 1)
      expect((await sendRequest(port, '/clip.mp4', { method: 'HEAD' })).status).toBe(200);
    expect((await systemd.systemctl('stop', 's3-helper.socket', 's3-helper.service')).code).toBe(0);
    expect([await systemd.show('ActiveState'), await systemd.show('Result')]).toEqual([
      'inactive',
      'success',
    ]);
    await expect(sendRequest(port, '/clip.mp4')).rejects.toThrow(/ECONNREFUSED/);
    expect(systemd.readOutput()).not.toContain(secretAccessKey);
  });
});
