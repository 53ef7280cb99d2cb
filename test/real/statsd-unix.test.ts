import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sumCounters } from '../servers/start-statsd-sink.ts';
import { waitUntil } from '../support/with-deadline.ts';
import { startTelemetryScene } from '../telemetry/start-telemetry-scene.ts';

/** Binds a datagram socket, reads nothing until a line comes, and then prints what came, a datagram after the other. */
const RECEIVER = `
import socket, sys
path = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(path)
print("bound", flush=True)
sys.stdin.readline()
while True:
    sys.stdout.write(receiver.recv(65536).decode())
    sys.stdout.flush()
`;

test('A reader of the unix socket that stops slows nothing, and later gets what it missed.', async () => {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-statsd-'));
  const path = join(directory, 'statsd.sock');
  const receiver = spawn('python3', ['-c', RECEIVER, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(receiver, 'close');
  onTestFinished(async () => {
    receiver.kill('SIGKILL');
    await exited;
    rmSync(directory, { recursive: true });
  });
  let received = '';
  receiver.stdout.on('data', (text: Buffer) => (received += String(text)));
  await waitUntil(() => received.startsWith('bound'), 'the receiver');

  const { s3, program, ask } = await startTelemetryScene({
    statsd: `address: "unix:${path}"\n  flush_interval: 100ms`,
  });
  s3.put('a', 'object');
  // The kernel holds a few datagrams (net.unix.max_dgram_qlen) for a reader that does not read: this takes more.
  for (let count = 0; count < 300; count += 1) {
    expect((await ask('/a')).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  receiver.stdin.write('now\n');
  await waitUntil(
    () => sumCounters(received.split('\n')).get('s3-helper.responses.root.200') === 300,
    'all counts',
  );
  expect(await program.stop()).toBe(0);
  await waitUntil(() => received.includes('s3-helper.stop:1|c\n'), 'the last line');
  expect(program.logLines.filter(({ level }) => level !== 'info')).toEqual([]);
});
