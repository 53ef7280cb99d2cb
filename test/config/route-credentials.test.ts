import { expect, test } from 'vitest';
import type { CredentialSettings } from '../../src/config/config.ts';
import { BUCKET_AND_REGION, findMistakes, loadText } from './load-text.ts';

const ROLE = 'arn:aws:iam::123456789012:role/media-reader';
const OTHER_ROLE = 'arn:aws:iam::210987654321:role/path/to/spots';

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

test("a route without credentials takes the daemon's", () => {
  const routes = 'routes: [{path: /a/, bucket: spots}, {path: /bb/, credentials: }]\n';
  expect(loadText(BUCKET_AND_REGION + ALL + routes).routes.map(({ credentials }) => credentials)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test.each<[string, Partial<CredentialSettings>]>([
  ['{}', {}],
  ['{source: instance}', { source: 'instance' }],
  ['{profile: spots}', { profile: 'spots' }],
  [`{role_arn: "${OTHER_ROLE}"}`, { roleArn: OTHER_ROLE }],
  ['{external_id: partner-8}', { externalId: 'partner-8' }],
  ['{session_name: spots}', { sessionName: 'spots' }],
  ['{duration: 2h}', { durationMs: 7_200_000 }],
  ['{imds_v1: false}', { imdsV1: false }],
  ['{profile: "", role_arn: , session_name: ~}', {}],
  [
    `{source: sso, role_arn: "${OTHER_ROLE}", external_id: partner-9}`,
    { source: 'sso', roleArn: OTHER_ROLE, externalId: 'partner-9' },
  ],
])("a route's map %s is laid over the daemon's", (map, own) => {
  const { credentials, routes } = loadText(withRoute(map) + ALL);
  expect(routes[0]?.credentials).toStrictEqual({ ...ALL_RESOLVED, ...own });
  expect(routes[1]?.credentials).toBeUndefined();
  expect(credentials).toStrictEqual(ALL_RESOLVED);
});

test("the environment's credentials are the ground of a route's map too", () => {
  const environment = { S3_HELPER_CREDENTIALS_PROFILE: 'media' };
  const { routes } = loadText(withRoute(`{role_arn: "${ROLE}"}`), { environment });
  expect(routes[0]?.credentials).toStrictEqual({ ...STANDARD, profile: 'media', roleArn: ROLE });
});

test('the role of the daemon is one for the external id of a route', () => {
  const text = `${withRoute('{external_id: partner-7}')}credentials: {role_arn: "${ROLE}"}\n`;
  expect(loadText(text).routes[0]?.credentials).toStrictEqual({
    ...STANDARD,
    roleArn: ROLE,
    externalId: 'partner-7',
  });
});

test.each(['instance', '[{source: instance}]'])('the credentials of a route are a map, not %s', (yaml) => {
  expect(findMistakes(withRoute(yaml))).toEqual([
    'routes[0].credentials: is not a map (the-file.yml); write one such as {role_arn: "arn:aws:iam::…"}',
  ]);
});
