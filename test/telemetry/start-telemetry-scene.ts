import { onTestFinished } from 'vitest';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { type StatsdSink, startStatsdSink } from '../servers/start-statsd-sink.ts';
import { type Answer, sendRequest } from '../support/send-request.ts';
import { type RunningProgram, startProgram } from '../support/start-program.ts';

export interface TelemetrySceneOptions {
  /** Lines of the configuration beside those of S3, the listeners and statsd. */
  readonly yaml?: string;
  /** Lines under `statsd`, in place of the sink's address and of a sending each 100 ms. */
  readonly statsd?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The program in a process of its own, with an S3, a statsd, and the admin listener. */
export interface TelemetryScene {
  readonly s3: FakeS3;
  readonly sink: StatsdSink;
  readonly program: RunningProgram;
  readonly ask: (target: string) => Promise<Answer>;
  /** Of the admin listener. */
  readonly askAdmin: (target: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
}

export async function startTelemetryScene(options: TelemetrySceneOptions = {}): Promise<TelemetryScene> {
  const [s3, sink] = await Promise.all([startFakeS3(), startStatsdSink()]);
  const statsd = options.statsd ?? `address: "127.0.0.1:${sink.port}"\n  flush_interval: 100ms`;
  const program = await startProgram({
    yaml: [
      'listen: 127.0.0.1:0',
      'admin: {listen: "127.0.0.1:0"}',
      `statsd:\n  ${statsd}`,
      `s3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}"}`,
      options.yaml ?? '',
    ].join('\n'),
    environment: {
      AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
      AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
      AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken ?? '',
      ...options.environment,
    },
  });
  onTestFinished(async () => {
    await program.stop();
    await Promise.all([s3.close(), sink.close()]);
  });
  const adminPort = (): number => {
    const line = program.logLines.find(({ msg }) => msg === 'listening');
    return Number(/:(\d+)$/.exec(String(line?.['admin']))?.[1]);
  };
  return {
    ...{ s3, sink, program },
    ask: (target) => sendRequest(program.port, target),
    askAdmin: (target, headers = {}) => sendRequest(adminPort(), target, { headers }),
  };
}

/** The values of one metric in Prometheus's text, by their labels as written. */
export function readMetric(text: string, name: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return new Map(
    lines.map((line) => {
      const [, labels = '', value] = /^[^{ ]+(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      return [labels, Number(value)] as const;
    }),
  );
}

export function sumMetric(text: string, name: string): number {
  return [...readMetric(text, name).values()].reduce((sum, value) => sum + value, 0);
}
