import { onTestFinished } from 'vitest';
import { type FakeNewRelic, type FakeNewRelicOptions, startFakeNewRelic } from '../servers/fake-new-relic.ts';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { sendRequest } from '../support/send-request.ts';
import { type RunningProgram, startProgram } from '../support/start-program.ts';
import { waitUntil } from '../support/with-deadline.ts';

export const LICENSE = 'licence0key0of0forty0characters0in0tests';

/** What no payload may hold, however it got into a request. */
export const PLANTED = ['planted-key', 'planted-query', 'planted-header'] as const;

export interface NewRelicScene {
  readonly collector: FakeNewRelic;
  readonly s3: FakeS3;
  readonly program: RunningProgram;
}

export interface NewRelicSceneOptions {
  /** Lines of the configuration file; those of New Relic unless given. */
  readonly yaml?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly collector?: FakeNewRelicOptions;
  /** The program's first file. */
  readonly main?: string;
}

/** The lines that turn New Relic on. */
export const ON = `newrelic: {license: ${LICENSE}, name: "films, edge"}\n`;

/** The program with a fake S3 and a fake New Relic, until the end of the test. */
export async function startNewRelicScene(options: NewRelicSceneOptions = {}): Promise<NewRelicScene> {
  const collector = await startFakeNewRelic(options.collector);
  const s3 = await startFakeS3();
  const program = await startProgram({
    yaml: `listen: 127.0.0.1:0
s3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}"}
routes: [{path: /avod/, bucket: ${s3.bucket}, prefix: ads}]
retries: {attempts: 1}
${options.yaml ?? ON}`,
    environment: {
      AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
      AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
      AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken ?? '',
      ...collector.environment,
      ...options.environment,
    },
    main: options.main,
  });
  onTestFinished(async () => {
    await program.stop();
    await Promise.all([s3.close(), collector.close()]);
  });
  return { collector, s3, program };
}

/** Waits until so many processes may send what they have. */
export async function untilConnected({ program }: NewRelicScene, processCount = 1): Promise<void> {
  const countConnected = (): number =>
    program.logLines.filter(({ msg }) => msg === 'New Relic is connected').length;
  await waitUntil(() => countConnected() === processCount, 'the connections to New Relic');
}

export const SCRIPT_LENGTH = 9;

/** Good and bad requests, with what must not get out planted wherever a client can put it. */
export async function askScript({ s3, program }: NewRelicScene): Promise<void> {
  const [key, query, header] = PLANTED;
  const headers = {
    'X-Request': header,
    Referer: `http://${header}/`,
    Cookie: header,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    newrelic: header,
  };
  const ask = (target: string, method = 'GET'): Promise<unknown> =>
    sendRequest(program.port, target, { method, headers });
  s3.put(`${key}.mp4`, 'x'.repeat(1000));
  s3.put(`ads/${key}.mp4`, 'y'.repeat(500));
  s3.inject({ kind: 'reset', at: 'before-head' }, { key: `${key}-reset`, times: Infinity });
  s3.inject({ kind: 'status', status: 503, code: 'SlowDown' }, { key: `${key}-slow`, times: Infinity });
  await ask(`/${key}.mp4?token=${query}`);
  await ask(`/${key}.mp4`, 'HEAD');
  await ask(`/avod/${key}.mp4?response-content-type=${query}`);
  await ask(`/avod/${key}.mp4?${query}`);
  await ask(`/${key}-missing?versionId=${query}`);
  await ask(`/../${key}`);
  await ask(`/${key}.mp4`, 'DELETE');
  await ask(`/${key}-reset`);
  await ask(`/${key}-slow`);
}
