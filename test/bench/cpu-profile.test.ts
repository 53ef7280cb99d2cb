import { expect, test } from 'vitest';
import { type CpuProfile, summariseProfile } from '../../bench/cpu-profile.ts';

function node(id: number, functionName: string, url: string, children: number[] = []) {
  return { id, callFrame: { functionName, url, lineNumber: 9 }, children };
}

const PROFILE: CpuProfile = {
  nodes: [
    node(1, '(root)', '', [2, 6]),
    node(2, 'serve', 'file:///anywhere/src/daemon/serve.ts', [3, 5]),
    node(3, 'dispatch', 'file:///anywhere/node_modules/undici/lib/client.js', [4]),
    node(4, 'writev', ''),
    node(5, 'serve', 'file:///anywhere/src/daemon/serve.ts'),
    node(6, '(idle)', ''),
  ],
  samples: [6, 4, 3, 5, 6],
  timeDeltas: [100, 50, 25, 25, 900],
  startTime: 1000,
};

test('self time goes to the function that ran, idle time to nobody', () => {
  expect(summariseProfile(PROFILE).self).toEqual([
    { place: 'writev', percent: 50 },
    { place: 'dispatch node_modules/undici/lib/client.js:10', percent: 25 },
    { place: 'serve src/daemon/serve.ts:10', percent: 25 },
  ]);
});

test('a function that calls itself counts once', () => {
  expect(summariseProfile(PROFILE).inclusive).toEqual([
    { place: 'serve src/daemon/serve.ts:10', percent: 100 },
  ]);
});

test('native functions count with the package that calls them', () => {
  expect(summariseProfile(PROFILE).parts).toEqual([
    { place: 'undici', percent: 75 },
    { place: 'src/daemon', percent: 25 },
  ]);
});

test('what was sampled before the given moment is left out', () => {
  expect(summariseProfile(PROFILE, 1160).self).toEqual([
    { place: 'dispatch node_modules/undici/lib/client.js:10', percent: 50 },
    { place: 'serve src/daemon/serve.ts:10', percent: 50 },
  ]);
});
