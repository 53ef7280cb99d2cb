import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { withDeadline } from '../support/with-deadline.ts';
import type {
  FromUpstream,
  Staging,
  ToUpstream,
  UpstreamCounts,
  UpstreamReady,
} from './upstream-messages.ts';

export interface Upstream extends Omit<UpstreamReady, 'type'> {
  /** Puts an object that some requests will not get at once. */
  stage(staging: Omit<Staging, 'type' | 'id'>): Promise<void>;
  remove(key: string): void;
  count(): Promise<UpstreamCounts>;
  stop(): Promise<void>;
}

/** Starts S3 and the instance metadata in a process of their own. */
export async function startUpstream(): Promise<Upstream> {
  const child = fork(join(import.meta.dirname, 'upstream.ts'), { serialization: 'advanced' });
  const ready = await withDeadline(untilReady(child), 'S3, in its process');
  const waiting = new Map<number, (counts: UpstreamCounts) => void>();
  child.on('message', (message: FromUpstream) => {
    if (message.type !== 'done') return;
    waiting.get(message.id)?.(message.counts);
    waiting.delete(message.id);
  });
  let lastId = 0;
  const ask = (message: ToUpstream): Promise<UpstreamCounts> =>
    new Promise((resolve, reject) => {
      if ('id' in message) waiting.set(message.id, resolve);
      child.send(message, (error) => {
        if (error) reject(error);
      });
    });
  return {
    ...ready,
    stage: async (staging) => {
      await ask({ ...staging, type: 'stage', id: (lastId += 1) });
    },
    remove: (key) => {
      if (child.connected) child.send({ type: 'remove', key } satisfies ToUpstream);
    },
    count: () => ask({ type: 'count', id: (lastId += 1) }),
    stop: async () => {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

async function untilReady(child: ChildProcess): Promise<UpstreamReady> {
  const [message] = (await once(child, 'message')) as [FromUpstream];
  if (message.type !== 'ready') throw new Error('S3 spoke before it was ready');
  return message;
}
