import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCleanPlace } from './stranger/clean-place.ts';
import { readExecStart, readReadmeCommand } from './stranger/read-commands.ts';
import { type RunningCommand, startCommand } from './stranger/start-command.ts';

// Does what somebody does who has Node 20 and npm and has never seen this project: the README's two commands, then the
// package from its tarball, then the line by which systemd starts the service. Takes minutes, most of them for the tests:
//   node scripts/walk-strangers-path.ts [--without-tests] [--result FILE]
const NODE_MAJOR = 20;
const MINUTE_MS = 60_000;
const IS_UP = /Ctrl-C ends it\./;
const KEY = 'show/clip.mp4';

const { values } = parseArgs({
  options: { 'without-tests': { type: 'boolean', default: false }, result: { type: 'string' } },
});
const place = makeCleanPlace(NODE_MAJOR);
const started = new Set<RunningCommand>();
const result = { numPassedTests: 0, numFailedTests: 0 };
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    for (const command of started) command.signal('SIGKILL');
    place.remove();
    process.exit(1);
  });
}
try {
  console.log(`in ${place.directory}, with Node ${place.nodeVersion}`);
  await step("the README's first command runs the demo", runReadmeDemo);
  if (!values['without-tests']) await step("the README's second command runs the tests", runReadmeTests);
  const tarball = await step('npm makes the package', packTarball);
  if (tarball !== undefined) {
    await step(
      'npx with the tarball says which Node is missing, and the command it gives runs the demo',
      () => runTarball(tarball),
    );
    await step('the ExecStart line of the systemd unit serves', () => runService(tarball));
  }
} finally {
  for (const command of started) command.signal('SIGKILL');
  await Promise.all([...started].map(({ ended }) => ended));
  place.remove();
}
if (values.result !== undefined) writeFileSync(values.result, JSON.stringify(result));
process.exitCode = result.numFailedTests > 0 ? 1 : 0;

async function step<T>(name: string, act: () => Promise<T>): Promise<T | undefined> {
  const startedAtMs = performance.now();
  const took = (): string => `${((performance.now() - startedAtMs) / 1000).toFixed(0)} s`;
  try {
    const value = await act();
    console.log(`ok: ${name} (${took()})`);
    result.numPassedTests += 1;
    return value;
  } catch (error) {
    console.log(`not ok: ${name} (${took()}): ${error instanceof Error ? error.message : String(error)}`);
    result.numFailedTests += 1;
    return undefined;
  }
}

async function runReadmeDemo(): Promise<void> {
  const demo = start(['sh', '-c', readReadmeCommand(place.project, 'Run it')], place.project, 5 * MINUTE_MS);
  await endDemo(demo);
}

async function runReadmeTests(): Promise<void> {
  const tests = start(
    ['sh', '-c', readReadmeCommand(place.project, 'Test it')],
    place.project,
    15 * MINUTE_MS,
  );
  const code = await tests.ended;
  if (code !== 0) throw new Error(`it ended with ${code}:\n${tests.output().slice(-20_000)}`);
  await tests.until(/Tests .*\d+ passed/);
}

async function packTarball(): Promise<string> {
  const npm = start(['npm', 'pack', '--pack-destination', place.directory], place.project, 3 * MINUTE_MS);
  if ((await npm.ended) !== 0) throw new Error(npm.output());
  const name = readdirSync(place.directory).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error(`there is no tarball:\n${npm.output()}`);
  return join(place.directory, name);
}

async function runTarball(tarball: string): Promise<void> {
  const empty = join(place.directory, 'empty');
  mkdirSync(empty);
  const refused = start(['npx', '--yes', relative(empty, tarball), 'demo'], empty, 3 * MINUTE_MS);
  const code = await refused.ended;
  const said = refused.output().match(/^s3-helper.*$/gm) ?? [];
  if (code !== 78 || said.length !== 1) throw new Error(`it ended with ${code}:\n${refused.output()}`);
  const [, command = 'false'] = /npm brings one: (npx .* demo)$/.exec(said[0]) ?? [];
  await endDemo(start(['sh', '-c', command], empty, 5 * MINUTE_MS));
  const left = readdirSync(empty);
  if (left.length > 0) throw new Error(`the directory is not empty any more: ${left.join(', ')}`);
}

/** As docs/systemd.md has it, but for a folder in place of / and without systemd: the demo stands in for AWS. */
async function runService(tarball: string): Promise<void> {
  const prefix = join(place.directory, 'usr-local');
  const install = ['npm', 'install', '--global', `--prefix=${prefix}`, 'node@26', tarball];
  const npm = start(install, place.directory, 5 * MINUTE_MS);
  if ((await npm.ended) !== 0) throw new Error(npm.output());
  const environment = { PATH: `${join(prefix, 'bin')}:${place.environment.PATH}` };
  const demo = start(['s3-helper', 'demo', '--port', '0'], place.directory, 2 * MINUTE_MS, environment);
  const [, configFile = ''] = await demo.until(/the configuration is (\S+)\.$/m);
  const etc = join(place.directory, 'etc');
  mkdirSync(etc);
  const config = readFileSync(configFile, 'utf8').replace(/^listen: .*$/m, 'listen: 127.0.0.1:0');
  writeFileSync(join(etc, 's3-helper.yml'), config);
  const line = readExecStart(place.project).map((word) => word.replace(/^\/etc\//, `${etc}/`));
  const metadata = readMetadataEndpoint(demo);
  const service = start(line, place.directory, 2 * MINUTE_MS, { ...environment, ...metadata });
  const [, port] = await service.until(/"listen":\["127\.0\.0\.1:(\d+)"\]/);
  const clip = readFileSync(join(place.project, 'test/fixtures/media/clip.mp4'));
  const body = await read(`http://127.0.0.1:${port}/${KEY}`);
  if (!body.equals(clip)) throw new Error(`it served ${body.length} bytes that are not the object's`);
  service.signal('SIGTERM');
  const code = await service.ended;
  if (code !== 0) throw new Error(`it ended with ${code}:\n${service.output()}`);
  await endDemo(demo);
}

/** Only the demo's own daemon is told where its "instance" has its metadata. */
function readMetadataEndpoint(demo: RunningCommand): Record<string, string> {
  const [, pid] = /"pid":(\d+)/.exec(demo.output()) ?? [];
  const name = 'AWS_EC2_METADATA_SERVICE_ENDPOINT';
  const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  const [value] = variables.flatMap((line) =>
    line.startsWith(`${name}=`) ? line.slice(name.length + 1) : [],
  );
  if (value === undefined) throw new Error(`process ${pid} has no ${name}`);
  return { [name]: value };
}

/** Waits until the demo is up and has read right bytes, then presses Ctrl-C. */
async function endDemo(demo: RunningCommand): Promise<void> {
  await demo.until(IS_UP);
  await demo.until(/262144 right bytes/);
  demo.signal('SIGINT');
  const code = await demo.ended;
  // npm, in front of the program, ends as one that was interrupted.
  if (code !== 0 && code !== 130 && code !== 'SIGINT')
    throw new Error(`it ended with ${code}:\n${demo.output()}`);
  await demo.until(/"msg":"stopped"/);
}

function read(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
      response.on('error', reject);
    }).on('error', reject);
  });
}

function start(
  words: readonly string[],
  cwd: string,
  deadlineMs: number,
  more: Readonly<Record<string, string>> = {},
): RunningCommand {
  const command = startCommand(words, { cwd, deadlineMs, environment: { ...place.environment, ...more } });
  started.add(command);
  return command;
}
