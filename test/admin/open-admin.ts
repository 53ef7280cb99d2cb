import { afterEach, beforeEach } from 'vitest';
import { type Admin, startAdmin } from '../../src/admin/start-admin.ts';
import { type Answer, type Ask, sendRequest } from '../support/send-request.ts';
import { MetricsFeed } from './metrics-feed.ts';

export interface AdminScene {
  readonly feed: MetricsFeed;
  readonly admin: Admin;
  readonly port: number;
  readonly ask: (target: string, ask?: Ask) => Promise<Answer>;
}

/** Starts the admin listener on a fed daemon before every test and ends it after it. */
export function useAdmin(yaml?: string): AdminScene {
  let feed: MetricsFeed | undefined;
  let admin: Admin | undefined;
  beforeEach(async () => {
    feed = new MetricsFeed(yaml);
    admin = await startAdminOn(feed);
  });
  afterEach(async () => {
    await admin?.close();
  });
  const scene: AdminScene = {
    get feed() {
      return started(feed);
    },
    get admin() {
      return started(admin);
    },
    get port() {
      return Number(/:(\d+)$/.exec(scene.admin.address)?.[1]);
    },
    ask: (target, ask) => sendRequest(scene.port, target, ask),
  };
  return scene;
}

/** The admin listener where the feed's configuration says. */
export function startAdminOn({ config, snapshot, metricsText }: MetricsFeed): Promise<Admin> {
  const { listen } = config.admin;
  if (listen === undefined) throw new Error('the configuration has no admin.listen');
  return startAdmin({ config, listen, version: '0.1.0', snapshot, metricsText });
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the admin listener exists inside of tests only');
  return part;
}
