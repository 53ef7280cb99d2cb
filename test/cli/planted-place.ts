import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sendRequest } from '../support/send-request.ts';
import { PLANTED } from './planted-secrets.ts';

/** A daemon's configuration with a licence in it, and the unix sockets that it says. */
export interface PlantedPlace {
  readonly directory: string;
  readonly file: string;
  readonly data: string;
  readonly admin: string;
}

/** @param more - lines of the configuration file; without a licence unless they name one */
export function makePlantedPlace(root: string, s3Endpoint: string, more = ''): PlantedPlace {
  const directory = mkdtempSync(join(root, 'place-'));
  const file = join(directory, 's3-helper.yml');
  const [data, admin] = [join(directory, 'data'), join(directory, 'admin')];
  const lines = [
    `listen: unix:${data}`,
    `admin: {listen: "unix:${admin}"}`,
    's3: {bucket: media, region: eu-west-1, endpoint: ' + `"${s3Endpoint}"}`,
    'retries: {attempts: 2}',
    ...(more.includes('newrelic:') ? [] : [`newrelic: {license: ${PLANTED.license}}`]),
    more,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return { directory, file, data, admin };
}

const TARGETS = ['/good', '/missing', '/mismatch', '/code', '/error', '/broken', '/../x', '/?list-type=2'];
const PAGES = ['/', '/page/main.js', '/status.json', '/history.json', '/metrics', '/readyz', '/livez'];

/** Asks for everything that a daemon answers, objects good and bad. @returns all that came back */
export async function askEverything({ data, admin }: PlantedPlace): Promise<string> {
  const requests = [
    ...TARGETS.flatMap((target) => ['GET', 'HEAD', 'PUT'].map((method) => [data, target, method] as const)),
    ...PAGES.map((path) => [admin, path, 'GET'] as const),
  ];
  const answers: string[] = [];
  for (const [place, target, method] of requests) {
    const { status, rawHeaders, text } = await sendRequest(place, target, { method });
    answers.push([status, ...rawHeaders, text].join('\n'));
  }
  return answers.join('\n');
}
