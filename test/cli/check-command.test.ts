import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { SETTING_NAMES, SETTINGS } from '../../src/config/settings.ts';
import { writeConfigFile } from './config-file.ts';
import { runProgram } from './run-program.ts';

const LICENSE = '0123456789abcdef0123456789abcdef01234567';

/** What the printed configuration is, read as a file of its own. */
function readBack(printed: string) {
  return loadConfig({
    flags: new Map(),
    environment: {},
    file: writeConfigFile(printed),
    fileIsOptional: false,
  });
}

/** The line of a key of the first level or below a section, without what is before it. */
function findLine(printed: string, name: string): string | undefined {
  const [section = '', key] = name.split('.');
  const lines = printed.split('\n');
  if (key === undefined) return lines.find((line) => line.startsWith(`${section}:`));
  const from = lines.indexOf(`${section}:`);
  return lines
    .slice(from + 1)
    .find((line) => line.startsWith(`  ${key}:`))
    ?.trim();
}

test('every setting is printed with its value and its origin', async () => {
  const file = writeConfigFile(
    's3: {bucket: media, region: eu-west-1}\nlisten: [":8080", "unix:/run/x.sock"]\n',
  );
  const environment = { S3_HELPER_RETRIES_ATTEMPTS: '5' };
  const args = ['check', '--config', file, '--timeouts-drain', '45s'];
  const { code, stdout, stderr } = await runProgram(args, { environment });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const told = {
    listen: `listen: [":8080", unix:/run/x.sock] # ${file}`,
    's3.bucket': `bucket: media # ${file}`,
    's3.region': `region: eu-west-1 # ${file}`,
    'retries.attempts': 'attempts: 5 # environment S3_HELPER_RETRIES_ATTEMPTS',
    'timeouts.drain': 'drain: 45s # flag --timeouts-drain',
    allowed_hosts: 'allowed_hosts: [] # default',
  };
  for (const name of SETTING_NAMES) {
    const key = name.replace(/^.*\./, '');
    const { defaultText } = SETTINGS[name];
    const standard = defaultText === undefined ? `${key}: # not set` : `${key}: ${defaultText} # default`;
    const expected = (told as Readonly<Record<string, string>>)[name] ?? standard;
    expect(findLine(stdout, name)?.replaceAll(/["']/g, ''), name).toBe(expected.replaceAll('"', ''));
  }
  expect(stdout.trimEnd().split('\n').slice(-2)).toEqual(['routes: []', '# the configuration is good']);
});

test('what is printed is a file that means the same', async () => {
  const text = `
listen: ["127.0.0.1:8080", ":8082"]
socket_mode: 0640
allowed_hosts: [a.example.com, b.example.com]
s3: {bucket: films, region: eu-west-1, prefix: "a b#c", fips: true}
credentials: {role_arn: "arn:aws:iam::123456789012:role/reader", external_id: partner-7, duration: 30m}
routes:
  - {path: /avod/, bucket: ads, prefix: /}
  - {path: /other/, region: us-west-2, credentials: {external_id: partner-8}}
workers: auto
statsd: {address: "127.0.0.1:8125", prefix: prod.s3-helper}
`;
  const file = writeConfigFile(text);
  const environment = { S3_HELPER_LOG_LEVEL: 'debug' };
  const { stdout } = await runProgram(['check', '--config', file, '--hedge-delay=1s'], { environment });
  const effective = loadConfig({
    flags: new Map([['hedge.delay', '1s']]),
    environment,
    file,
    fileIsOptional: false,
  });
  expect(readBack(stdout)).toEqual(effective);
});

test('a route tells what it has of its own and what it takes over', async () => {
  const file = writeConfigFile(
    's3: {bucket: films, region: eu-west-1, prefix: hd}\nroutes: [{path: /avod/, bucket: ads, credentials: {profile: ads}}]\n',
  );
  const { stdout } = await runProgram(['check', '--config', file]);
  const [, routes = ''] = stdout.split('\nroutes:\n');
  expect(routes).toBe(
    [
      `  - path: /avod/ # ${file}`,
      `    bucket: ads # ${file}`,
      '    region: eu-west-1 # as s3.region',
      '    prefix: hd # as s3.prefix',
      '    client: wire # default',
      '    path_style: false # default',
      '    dualstack: false # default',
      '    fips: false # default',
      '    learn_region: true # default',
      '    credentials:',
      '      source: auto # default',
      `      profile: ads # ${file}`,
      '      imds_v1: false # default',
      '# the configuration is good',
      '',
    ].join('\n'),
  );
});

test('an old file is told in the new words, with the keys that it was written in', async () => {
  const file = writeConfigFile(
    's3_bucket: films\ns3_ad_bucket: ads\ns3_region: eu-west-1\ns3_retries: 3\nlisten: 0.0.0.0:8080\n',
  );
  const { code, stdout } = await runProgram(['check', '--config', file]);
  expect(code).toBe(0);
  expect(findLine(stdout, 's3.bucket')).toBe(`bucket: films # ${file}, as s3_bucket`);
  expect(findLine(stdout, 'retries.attempts')).toBe(`attempts: 4 # ${file}, as s3_retries`);
  expect(findLine(stdout, 'listen')).toBe(`listen: 127.0.0.1:8080 # ${file}`);
  expect(findLine(stdout, 'allowed_hosts')).toMatch(/ # evs-s3helper file$/);
  expect(stdout).toContain(`- path: /avod/ # ${file}\n    bucket: ads # ${file}\n`);
  expect(stdout).toContain('# warning: s3_retries: 3 is taken as 4\n');
  const effective = loadConfig({ flags: new Map(), environment: {}, file, fileIsOptional: false });
  expect({ ...readBack(stdout), warnings: [] }).toEqual({ ...effective, warnings: [] });
});

test('a secret is hidden, and that it is there is not', async () => {
  const file = writeConfigFile(
    `s3: {bucket: films, region: eu-west-1}\nnewrelic: {license: ${LICENSE}, name: media}\n`,
  );
  const { stdout } = await runProgram(['check', '--config', file]);
  expect(findLine(stdout, 'newrelic.license')).toBe(`license: # hidden; ${file}`);
  expect(findLine(stdout, 'newrelic.name')).toBe(`name: media # ${file}`);
  expect(stdout).not.toContain(LICENSE);
});

test('a region that AWS’s settings say is told with where', async () => {
  const file = writeConfigFile('s3: {bucket: films}\n');
  const isolated = { AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_CONFIG_FILE: '/dev/null' };
  const look = async (environment: Readonly<Record<string, string>>): Promise<string> =>
    (await runProgram(['check', '--config', file], { environment: { ...isolated, ...environment } })).stdout;
  const inEnvironment = await look({ AWS_REGION: 'eu-west-1' });
  expect(findLine(inEnvironment, 's3.region')).toBe('region: eu-west-1 # environment AWS_REGION');
  const profile = writeConfigFile('[default]\nregion = eu-west-2\n');
  const inProfile = await look({ AWS_CONFIG_FILE: profile });
  expect(findLine(inProfile, 's3.region')).toBe('region: eu-west-2 # the shared configuration files');
  const nowhere = await look({});
  expect(findLine(nowhere, 's3.region')).toBe('region: # not set');
  expect(nowhere).toContain('# note: no region is written; the instance metadata is asked for it at start\n');
});

test('a mistake prints no configuration, and is 78', async () => {
  const { code, stdout, stderr } = await runProgram(['check', '--config=/dev/null', '--s3-bucket=a']);
  expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
  expect(stderr).toMatch(/^s3-helper: s3\.bucket: "a" is not accepted/);
});
