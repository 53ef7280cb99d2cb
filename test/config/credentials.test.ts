import { expect, test } from 'vitest';
import type { CredentialSettings } from '../../src/config/config.ts';
import { CREDENTIAL_SETTINGS } from '../../src/config/settings.ts';
import { CREDENTIAL_SOURCES } from '../../src/config/value-schemas.ts';
import { BUCKET_AND_REGION, findMistakes, loadText } from './load-text.ts';

const ROLE = 'arn:aws:iam::123456789012:role/media-reader';

const STANDARD: CredentialSettings = {
  source: 'auto',
  profile: undefined,
  roleArn: undefined,
  externalId: undefined,
  sessionName: undefined,
  durationMs: undefined,
  imdsV1: false,
};

const ALL = `
credentials:
  source: profile
  profile: media team
  role_arn: ${ROLE}
  external_id: partner-7
  session_name: edge@1
  duration: 30m
  imds_v1: true
`;

const ALL_RESOLVED: CredentialSettings = {
  source: 'profile',
  profile: 'media team',
  roleArn: ROLE,
  externalId: 'partner-7',
  sessionName: 'edge@1',
  durationMs: 1_800_000,
  imdsV1: true,
};

const withRoute = (credentials: string): string =>
  `${BUCKET_AND_REGION}routes: [{path: /a/, credentials: ${credentials}}]\n`;

test("what nobody writes is AWS's own order, without a role and without IMDSv1", () => {
  expect(loadText(BUCKET_AND_REGION).credentials).toStrictEqual(STANDARD);
});

test('each key of credentials is resolved, and the whole cannot be changed', () => {
  const { credentials } = loadText(BUCKET_AND_REGION + ALL);
  expect(credentials).toStrictEqual(ALL_RESOLVED);
  expect(Object.isFrozen(credentials)).toBe(true);
});

test.each(CREDENTIAL_SOURCES)('%s is a source', (source) => {
  expect(loadText(`${BUCKET_AND_REGION}credentials: {source: ${source}}\n`).credentials).toStrictEqual({
    ...STANDARD,
    source,
  });
});

test.each([
  ['15m', 900_000],
  ['12h', 43_200_000],
])('a role may be assumed for %s', (text, durationMs) => {
  const line = `credentials: {role_arn: "${ROLE}", duration: ${text}}\n`;
  expect(loadText(BUCKET_AND_REGION + line).credentials.durationMs).toBe(durationMs);
});

test.each([
  ['source', 'imds', 'one of auto, environment, profile, sso, process, web_identity, container, instance'],
  ['profile', 'a;b', 'the name of a profile'],
  ['profile', 'x'.repeat(129), 'the name of a profile'],
  ['role_arn', 'media-reader', 'the ARN of a role such as'],
  ['role_arn', 'arn:aws:iam::123456789012:user/me', 'the ARN of a role such as'],
  ['external_id', 'x', '2 to 1224 of letters'],
  ['external_id', 'x'.repeat(1225), '2 to 1224 of letters'],
  ['session_name', 'x', '2 to 64 of letters'],
  ['session_name', 'x'.repeat(65), '2 to 64 of letters'],
  ['session_name', 'a b', '2 to 64 of letters'],
  ['duration', '14m59s', 'a duration from 15m to 12h'],
  ['duration', '12h1s', 'a duration from 15m to 12h'],
  ['duration', '3600', 'a duration from 15m to 12h'],
  ['imds_v1', 'yes', 'true or false'],
])('credentials.%s refuses %s', (key, text, form) => {
  const role = key === 'role_arn' ? '' : `role_arn: "${ROLE}", `;
  const map = `{${role}${key}: "${text}"}`;
  for (const [name, yaml] of [
    ['credentials', `${BUCKET_AND_REGION}credentials: ${map}\n`],
    ['routes[0].credentials', withRoute(map)],
  ] as const) {
    const [mistake, ...others] = findMistakes(yaml);
    expect(mistake).toContain(`${name}.${key}: "${text.slice(0, 70)}`);
    expect(mistake).toContain(` is not accepted (the-file.yml); write ${form}`);
    expect(others).toEqual([]);
  }
});

test.each([
  ['{external_id: partner-7}', '.external_id'],
  ['{duration: 1h}', '.duration'],
])('%s says nothing without a role', (map, keys) => {
  expect(findMistakes(`${BUCKET_AND_REGION}credentials: ${map}\n`)).toEqual([
    `credentials${keys}: is for a role; write credentials.role_arn too`,
  ]);
  expect(findMistakes(withRoute(map))).toEqual([
    `routes[0].credentials${keys}: is for a role; write routes[0].credentials.role_arn too`,
  ]);
});

test('both without a role are one sentence; a session has a name with a web identity too', () => {
  expect(findMistakes(`${BUCKET_AND_REGION}credentials: {external_id: partner-7, duration: 1h}\n`)).toEqual([
    'credentials.external_id, credentials.duration: is for a role; write credentials.role_arn too',
  ]);
  expect(findMistakes(`${BUCKET_AND_REGION}credentials: {session_name: edge}\n`)).toEqual([]);
});

test('a mistaken role causes no second sentence about what is for a role', () => {
  const map = '{role_arn: media-reader, external_id: partner-7}';
  expect(findMistakes(`${BUCKET_AND_REGION}credentials: ${map}\n`)).toHaveLength(1);
  expect(findMistakes(withRoute(map))).toHaveLength(1);
});

test('an unknown key of credentials is a mistake, in a route with those that are known', () => {
  const known = Object.keys(CREDENTIAL_SETTINGS).join(', ');
  expect(known).toBe('source, profile, role_arn, external_id, session_name, duration, imds_v1');
  expect(findMistakes(withRoute('{rolearn: x}'))).toEqual([
    `routes[0].credentials.rolearn: no such key (the-file.yml); known: ${known}`,
  ]);
  expect(findMistakes(`${BUCKET_AND_REGION}credentials: {rolearn: x}\n`)).toEqual([
    'credentials.rolearn: no such key (the-file.yml); did you mean credentials.role_arn?',
  ]);
});

test('keys of an account are not accepted here, and not shown', () => {
  const SECRET = 'wJalrXUtnFEMI';
  for (const text of [
    `${BUCKET_AND_REGION}credentials: {secret_access_key: ${SECRET}}\n`,
    withRoute(`{secret_access_key: ${SECRET}}`),
  ]) {
    const mistakes = findMistakes(text);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).not.toContain(SECRET);
  }
});
