import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { afterAll, describe, expect, test, type TestContext } from 'vitest';
import { waitUntil } from '../support/with-deadline.ts';
import { askEverything, makePlantedPlace } from './planted-place.ts';
import { findPlanted, PLANTED, PLANTED_CREDENTIAL } from './planted-secrets.ts';
import { spawnProgram } from './spawn-program.ts';

const root = mkdtempSync(join(tmpdir(), 's3-helper-source-secrets-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Several programs start side by side. */
const TIMEOUT_MS = 40_000;

type Environment = Readonly<Record<string, string>>;

const DOCUMENT = JSON.stringify({
  Version: 1,
  AccessKeyId: PLANTED_CREDENTIAL.accessKeyId,
  SecretAccessKey: PLANTED.secretAccessKey,
  SessionToken: PLANTED.sessionToken,
  Token: PLANTED.sessionToken,
});

function writeFile(name: string, text: string): string {
  const path = join(root, name);
  writeFileSync(path, text);
  return path;
}

/** A credentials endpoint, or an STS, that puts all that it is sent, and keys, in place of ECHO. */
async function startEcho(context: TestContext, status: number, words: string): Promise<string> {
  const server = createServer((request, response) => {
    void readText(request).then((body) => {
      const isXml = words.startsWith('<');
      response.writeHead(status, { 'content-type': isXml ? 'text/xml' : 'application/json' });
      response.end(words.replaceAll('ECHO', `${request.headers.authorization ?? ''} ${body} ${DOCUMENT}`));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** @param lines - of a profile, or of what is none */
function useProfile(name: string, lines: string): () => Environment {
  return () => ({ AWS_CONFIG_FILE: writeFile(name, `[default]\n${lines}\n`) });
}

/** @param body - of the endpoint's answer */
function useContainer(status: number, body: string, token: Environment) {
  return async (context: TestContext): Promise<Environment> => ({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${await startEcho(context, status, body)}/v1`,
    ...token,
  });
}

const INLINE = { AWS_CONTAINER_AUTHORIZATION_TOKEN: PLANTED.containerToken };
const WITH_BREAK = {
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: writeFile('token', `${PLANTED.containerToken}\n`),
};
const REFUSAL =
  '<ErrorResponse><Error><Code>AccessDenied</Code><Message>ECHO</Message></Error></ErrorResponse>';
const LOUD = writeFile('loud.sh', `echo '${DOCUMENT}' >&2; echo '${DOCUMENT}'; exit 3`);

async function useWebIdentity(context: TestContext): Promise<Environment> {
  return {
    AWS_ENDPOINT_URL_STS: await startEcho(context, 403, REFUSAL),
    AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/reader',
    AWS_WEB_IDENTITY_TOKEN_FILE: writeFile('identity', PLANTED.webIdentityToken),
  };
}

describe.concurrent('A source of credentials that quotes what it knows is told without it:', () => {
  test.for<[string, (context: TestContext) => Environment | Promise<Environment>]>([
    ['a process that fails', useProfile('failing', `credential_process = sh ${LOUD}`)],
    ['a process with half a document', useProfile('half', `credential_process = head -c 300 ${LOUD}`)],
    [
      'a profile with half the keys',
      useProfile('keys', `aws_secret_access_key = ${PLANTED.secretAccessKey}`),
    ],
    [
      'a profile that is none',
      useProfile('none', `${DOCUMENT}\n[x\naws_session_token ${PLANTED.sessionToken}`),
    ],
    ['a container endpoint that refuses', useContainer(400, 'ECHO', INLINE)],
    ['a container endpoint with another document', useContainer(200, '{"x": ECHO', INLINE)],
    ['a container token with a line break', useContainer(200, DOCUMENT, WITH_BREAK)],
    ['an STS that quotes the web identity', useWebIdentity],
  ])('%s', { timeout: TIMEOUT_MS }, async ([, makeEnvironment], context) => {
    const place = makePlantedPlace(root, 'http://127.0.0.1:9', 'log: {level: trace}');
    const daemon = spawnProgram(['--config', place.file], await makeEnvironment(context), context);
    await daemon.untilListening(place.data);
    await waitUntil(() => daemon.output().includes('there are no credentials yet'), 'the failure');
    const answers = await askEverything(place);
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toBe(0);
    expect(findPlanted(daemon.output() + answers)).toEqual([]);
  });
});
