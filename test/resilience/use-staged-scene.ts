import { afterEach, beforeEach } from 'vitest';
import { FAKE_CREDENTIAL } from '../servers/fake-s3.ts';
import { Connection } from '../support/connection.ts';
import { type Answer, sendRequest } from '../support/send-request.ts';
import { type ProxyOptions, RESILIENT, startProxy, type TestProxy } from '../support/start-proxy.ts';
import { type StagedS3, startStagedS3 } from './staged-s3.ts';

type Settings = Readonly<Record<string, string>>;

/** A daemon in front of a staged S3: new for every test. */
export interface StagedScene {
  readonly s3: StagedS3;
  readonly proxy: TestProxy;
  /** Asks for `/a`. */
  ask(method?: string): Promise<Answer>;
  /** A bare socket that has asked for `/a`. */
  askOnSocket(): Connection;
  /** Begins anew with other settings, or another source of credentials. */
  restart(settings: Settings, more?: Partial<ProxyOptions>): Promise<void>;
}

/** @param settings - beside those of a daemon that nobody has configured */
export function useStagedScene(settings: Settings = {}): StagedScene {
  let s3: StagedS3;
  let proxy: TestProxy;
  const connections: Connection[] = [];
  const start = async (more: Settings = {}, options: Partial<ProxyOptions> = {}): Promise<void> => {
    proxy = await startProxy({
      credentials: FAKE_CREDENTIAL,
      ...options,
      settings: {
        ...RESILIENT,
        's3.bucket': 'media',
        's3.region': 'eu-west-1',
        's3.endpoint': `http://127.0.0.1:${s3.port}`,
        ...settings,
        ...more,
      },
    });
  };
  beforeEach(async () => {
    s3 = await startStagedS3();
    await start();
  });
  afterEach(async () => {
    connections.splice(0).forEach((connection) => connection.destroy());
    await proxy.close();
    await s3.close();
  });
  return {
    get s3() {
      return s3;
    },
    get proxy() {
      return proxy;
    },
    ask: (method = 'GET') => sendRequest(proxy.port, '/a', { method }),
    askOnSocket: () => {
      const connection = new Connection(proxy.port).get('/a');
      connections.push(connection);
      return connection;
    },
    restart: async (more, options) => {
      await proxy.close();
      await start(more, options);
    },
  };
}

/** Lets time pass in which something must not happen. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
