import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sendRequest } from '../support/send-request.ts';
import { ON, startNewRelicScene } from './newrelic-scene.ts';

const RECORD_MODULES = new URL('../support/record-modules.ts', import.meta.url);

function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-newrelic-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Serves eight requests and stops. @returns the modules that were loaded, by all processes */
async function listModules(yaml: string): Promise<{ modules: string[]; connections: number }> {
  const file = join(makeDirectory(), 'modules');
  const { collector, s3, program } = await startNewRelicScene({
    yaml,
    environment: { NODE_OPTIONS: `--import=${RECORD_MODULES.href}`, LOADED_MODULES_FILE: file },
  });
  s3.put('a', 'object');
  const answers = await Promise.all(Array.from({ length: 8 }, () => sendRequest(program.port, '/a')));
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect(await program.stop()).toBe(0);
  return { modules: readFileSync(file, 'utf8').split('\n'), connections: collector.connectionsMade() };
}

const OF_NEW_RELIC = /\/node_modules\/(?:newrelic|@newrelic)\/|\/telemetry\/newrelic\//;

test.each([
  ['no word of it', ''],
  ['None for a licence, with two workers', 'newrelic: {license: None, name: films}\nworkers: 2\n'],
])('with %s nothing of New Relic is loaded, and nothing is sent', async (_, yaml) => {
  const { modules, connections } = await listModules(yaml);
  expect(modules.some((url) => url.endsWith('/src/daemon/create-daemon.ts'))).toBe(true);
  expect(modules.some((url) => url.includes('/node_modules/pino/'))).toBe(true);
  expect(modules.filter((url) => OF_NEW_RELIC.test(url))).toEqual([]);
  expect(connections).toBe(0);
});

test('with a licence and a name it is loaded, which the list shows', async () => {
  const { modules, connections } = await listModules(ON);
  expect(modules.some((url) => url.endsWith('/node_modules/newrelic/index.js'))).toBe(true);
  expect(connections).toBeGreaterThan(0);
});

test("the agent's own switch turns it off, with one line", async () => {
  const { collector, s3, program } = await startNewRelicScene({
    environment: { NEW_RELIC_ENABLED: 'false' },
  });
  s3.put('a', 'object');
  expect((await sendRequest(program.port, '/a')).status).toBe(200);
  expect(await program.stop()).toBe(0);
  expect(program.logLines.filter(({ msg }) => /New Relic/.test(String(msg)))).toMatchObject([
    { level: 'warn', msg: 'the agent of New Relic is off; nothing is sent there' },
  ]);
  expect(collector.connectionsMade()).toBe(0);
});

test('the daemon serves and ends at once while New Relic cannot be reached', async () => {
  const { s3, program } = await startNewRelicScene({ environment: { NEW_RELIC_PORT: '1' } });
  s3.put('a', 'object');
  expect((await sendRequest(program.port, '/a')).status).toBe(200);
  const stoppedAtMs = performance.now();
  expect(await program.stop()).toBe(0);
  expect(performance.now() - stoppedAtMs).toBeLessThan(2500);
  expect(program.standardError()).toBe('');
});

test('an application that New Relic refuses serves on, with one line', async () => {
  const { collector, s3, program } = await startNewRelicScene({ collector: { refusals: { connect: 410 } } });
  s3.put('a', 'object');
  await collector.waitFor(() => collector.payloads('connect').length > 0, 'the refusal');
  for (let count = 0; count < 5; count += 1) expect((await sendRequest(program.port, '/a')).status).toBe(200);
  expect(await program.stop()).toBe(0);
  expect(program.logLines).toContainEqual(
    expect.objectContaining({
      level: 'error',
      msg: 'New Relic has refused this application; nothing is sent there',
    }),
  );
  expect(collector.payloads('metric_data')).toEqual([]);
});

test('without the optional package the daemon serves, with one line', async () => {
  const { collector, s3, program } = await startNewRelicScene({ main: copyWithoutAgent() });
  s3.put('a', 'object');
  expect((await sendRequest(program.port, '/a')).status).toBe(200);
  expect(await program.stop()).toBe(0);
  expect(program.logLines.filter(({ msg }) => /New Relic/.test(String(msg)))).toMatchObject([
    { level: 'error', cause: 'the optional package newrelic is not installed' },
  ]);
  expect(program.standardError()).toBe('');
  expect(collector.connectionsMade()).toBe(0);
});

/** The program as `npm install --omit=optional` leaves it. @returns its main file */
function copyWithoutAgent(): string {
  const root = join(import.meta.dirname, '../..');
  const copy = makeDirectory();
  cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true });
  cpSync(join(root, 'package.json'), join(copy, 'package.json'));
  mkdirSync(join(copy, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!['newrelic', '@newrelic'].includes(name))
      symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name));
  }
  return join(copy, 'src/main.ts');
}
