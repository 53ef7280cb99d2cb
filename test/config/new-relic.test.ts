import { expect, test } from 'vitest';
import { BUCKET_AND_REGION, findMistakes, loadText } from './load-text.ts';

const LICENSE = '0123456789abcdef0123456789abcdef01234567';
const OTHER_LICENSE = 'eu01xx6789abcdef0123456789abcdef0123NRAL';

const load = (lines: string, environment: Readonly<Record<string, string>> = {}) =>
  loadText(BUCKET_AND_REGION + lines, { environment });

test('a licence and a name are New Relic, in a file of evs-s3helper too', () => {
  const lines = `newrelic: {license: ${LICENSE}, name: "films, edge"}\n`;
  const newRelic = { license: LICENSE, name: 'films, edge' };
  expect(load(lines)).toMatchObject({ newRelic, warnings: [] });
  expect(loadText(`s3_bucket: media\ns3_region: eu-west-1\nallowed_hosts: []\n${lines}`)).toMatchObject({
    newRelic,
    warnings: [],
  });
});

test.each([
  '',
  'newrelic:\n',
  'newrelic: {license: , name: }\n',
  'newrelic: {license: "", name: films}\n',
  'newrelic: {license: None, name: films}\n',
  'newrelic: {license: none, name: None}\n',
  'newrelic: {name: films}\n',
])('there is no New Relic, and no word of it, with %j', (lines) => {
  expect(load(lines)).toMatchObject({ newRelic: undefined, warnings: [] });
});

test.each(['', ', name: None', ', name: ""'])('a licence without a name is a warning: %j', (name) => {
  expect(load(`newrelic: {license: ${LICENSE}${name}}\n`)).toMatchObject({
    newRelic: undefined,
    warnings: ['newrelic.license: has no effect without newrelic.name'],
  });
});

test("the agent's own variables stand in, and win", () => {
  const own = { NEW_RELIC_LICENSE_KEY: OTHER_LICENSE, NEW_RELIC_APP_NAME: 'spots' };
  const newRelic = { license: OTHER_LICENSE, name: 'spots' };
  expect(load('', own).newRelic).toEqual(newRelic);
  expect(load(`newrelic: {license: ${LICENSE}, name: films}\n`, own).newRelic).toEqual(newRelic);
  const ours = { S3_HELPER_NEWRELIC_LICENSE: LICENSE, S3_HELPER_NEWRELIC_NAME: 'films' };
  expect(load('', { ...ours, ...own }).newRelic).toEqual(newRelic);
  expect(load('', { ...ours, NEW_RELIC_APP_NAME: '' }).newRelic).toEqual({ license: LICENSE, name: 'films' });
});

test("a mistake in the agent's variable is told with its name, and without its value", () => {
  expect(
    findMistakes(BUCKET_AND_REGION, {
      environment: { NEW_RELIC_LICENSE_KEY: LICENSE.slice(1), NEW_RELIC_APP_NAME: 'films' },
    }),
  ).toEqual([
    'newrelic.license: the value is not accepted (environment NEW_RELIC_LICENSE_KEY); write a licence key of 40 characters, or None',
  ]);
});
