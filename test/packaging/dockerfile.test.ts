import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listContext } from './image/list-context.ts';
import { readDockerfile } from './image/read-dockerfile.ts';
import { PROJECT } from './read-compose.ts';

const stages = readDockerfile(readFileSync(join(PROJECT, 'Dockerfile'), 'utf8'));
const last = stages.at(-1)!;
const stepsOf = (kind: string) => last.steps.filter((step) => step.kind === kind);

test('every base is pinned by its whole version', () => {
  const names = stages.map(({ name }) => name);
  const bases = stages.map(({ from }) => from).filter((from) => !names.includes(from) && from !== 'scratch');
  expect(bases.length).toBeGreaterThan(0);
  for (const base of bases) expect(base).toMatch(/^node:\d+\.\d+\.\d+-\w+$/);
});

test('the image begins with nothing, runs nothing while it is made, and is run without a shell', () => {
  expect(last.from).toBe('scratch');
  expect(stepsOf('RUN')).toEqual([]);
  expect(stepsOf('ENTRYPOINT')).toEqual([
    { kind: 'ENTRYPOINT', command: ['/usr/local/bin/node', '/app/dist/main.js'] },
  ]);
});

test('its user is a number, above those that systems give away', () => {
  const [step] = stepsOf('USER') as { value: string }[];
  expect(step!.value).toMatch(/^\d{5}:\d{5}$/);
});

test('it stops at SIGTERM and is asked for its health by the program itself', () => {
  expect(stepsOf('STOPSIGNAL')).toEqual([{ kind: 'STOPSIGNAL', value: 'SIGTERM' }]);
  expect(stepsOf('HEALTHCHECK')).toMatchObject([
    { command: ['/usr/local/bin/node', '/app/dist/main.js', 'wait', '--timeout', '2s'] },
  ]);
});

test('the build is sent the sources and what it copies by name, and nothing that was built or is private', () => {
  const files = listContext(PROJECT);
  expect(files).toEqual(
    expect.arrayContaining([
      'package.json',
      'package-lock.json',
      '.npmrc',
      'src/main.ts',
      'config/default.yml',
    ]),
  );
  const tests = files.filter((file) => file.startsWith('test/'));
  expect(tests).toEqual(
    expect.arrayContaining(['test/servers/serve-clip.ts', 'test/fixtures/media/clip.mp4']),
  );
  expect(tests.length).toBeLessThan(6);
  expect(files.filter((file) => /^(?:node_modules|dist|\.git|\.ci|bench|coverage)\//.test(file))).toEqual([]);
  expect(files.filter((file) => /\.(?:pem|key|env|tgz|log)$/.test(file))).toEqual([]);
});

test.each([
  ['FROM a:1\nSHELL ["x"]', 'SHELL is not known here'],
  ['RUN true', 'RUN before the first FROM'],
  ['FROM a:1\nCOPY --link a b', 'COPY --link is not known here'],
  ['FROM a:1\nENTRYPOINT node x', 'not'],
])('%j is refused: a step that is not understood must not pass for one that was run', (text, message) => {
  expect(() => readDockerfile(text)).toThrow(message);
});
