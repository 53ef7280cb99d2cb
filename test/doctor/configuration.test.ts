import { expect, test } from 'vitest';
import { writeConfigFile } from '../cli/config-file.ts';
import { diagnoseHere, toSettings } from './diagnose-here.ts';
import { useS3 } from './use-s3.ts';

const s3 = useS3();

test('every mistake is a line with what to write, and all else is skipped', async () => {
  const settings = { 's3.bucket': 'media', 's3.region': 'eu-west-1', 's3.fips': 'yes', workers: 'many' };
  const { results } = await diagnoseHere({ settings });
  const mistakes = results.filter(({ check }) => check === 'configuration');
  expect(mistakes).toEqual([
    expect.objectContaining({
      status: 'fail',
      says: 's3.fips: "yes" is not accepted (flag --s3-fips)',
      fix: 'write true or false',
    }),
    expect.objectContaining({
      status: 'fail',
      says: 'workers: "many" is not accepted (flag --workers)',
      fix: 'write auto, or a number from 1 to 64',
    }),
  ]);
  const others = results.filter(({ check }) => check !== 'configuration');
  expect(others.length).toBeGreaterThan(15);
  for (const { status, says } of others)
    expect({ status, says }).toEqual({ status: 'skip', says: 'needs configuration' });
  expect(s3.current.connectionsMade()).toBe(0);
});

test('a file that cannot be read is named', async () => {
  const { of } = await diagnoseHere({ settings: {}, file: '/nonexistent/my.yml' });
  expect(of('configuration')).toMatchObject({
    status: 'fail',
    subject: '/nonexistent/my.yml',
    says: 'cannot read /nonexistent/my.yml: no such file or directory',
    fix: expect.stringContaining('name another one after --config') as string,
  });
});

test('a key that does not exist leads to the one that was meant', async () => {
  const file = writeConfigFile('s3: {bukcet: media, region: eu-west-1}\n');
  const { results } = await diagnoseHere({ settings: { 's3.bucket': 'media' }, file });
  expect(results[0]).toMatchObject({
    says: `s3.bukcet: no such key (${file})`,
    fix: 'did you mean s3.bucket?',
  });
});

test('each warning is a line of its own, and the rest is looked at', async () => {
  const { endpoint } = s3.current;
  const file = writeConfigFile(`s3_bucket: media\ns3_region: eu-west-1\ns3_retries: 3\n`);
  const { results, of } = await diagnoseHere({ settings: { 's3.endpoint': endpoint }, file });
  const warnings = results.filter(({ check }) => check === 'configuration');
  expect(warnings.map(({ status, says }) => [status, says])).toEqual([
    ['warn', 's3_retries: 3 is taken as 4'],
    ['warn', expect.stringContaining('allowed_hosts') as string],
  ]);
  expect(of('signature').status).toBe('ok');
});

test('a good configuration is one good line', async () => {
  const { of } = await diagnoseHere({
    settings: toSettings(s3.current),
    routes: '[{path: /avod/, bucket: media}]',
  });
  expect(of('configuration')).toMatchObject({ status: 'ok', facts: { routes: 2 } });
});
