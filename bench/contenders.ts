import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { daemonEnvironment } from './daemon.ts';
import { pickFreePort } from '../test/support/free-ports.ts';
import { type PinnedProcess, spawnPinned } from './pinned-process.ts';
import { BUCKET, type Protocol } from './upstream-server.ts';
import type { Bench, Variant } from './variants.ts';

const SCHEMA = v.strictObject({
  contenders: v.nullish(
    v.array(
      v.strictObject({
        name: v.pipe(v.string(), v.regex(/^[\w.-]+$/)),
        command: v.pipe(v.tupleWithRest([v.string()], v.string()), v.minLength(1)),
        environment: v.optional(v.record(v.string(), v.string()), {}),
        protocols: v.optional(v.array(v.picklist(['http', 'https'])), ['http', 'https']),
        path: v.optional(v.string(), '/'),
      }),
    ),
    [],
  ),
});

/** Another proxy, started by its command line; `{port}` and its like in it are replaced. */
export type Contender = v.InferOutput<typeof SCHEMA>['contenders'][number];

const START_DEADLINE_MS = 15_000;

/** @returns none where there is no such file @throws {v.ValiError} for a file of another shape */
export function readContenders(file: string): readonly Contender[] {
  return existsSync(file) ? parseContenders(readFileSync(file, 'utf8')) : [];
}

export function parseContenders(text: string): readonly Contender[] {
  return v.parse(SCHEMA, parse(text) ?? {}).contenders;
}

/** Puts the values of one run into a text: `{port}`, `{upstream}`, `{upstream_host}`, `{bucket}`, `{ca}`, `{directory}`. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (written, name: string) => values[name] ?? written);
}

/** Starts a contender and waits until its port accepts connections. */
export async function startContender(
  contender: Contender,
  bench: Bench,
  protocol: Protocol,
): Promise<Variant> {
  const { name, command, environment, path } = contender;
  const upstream = bench.upstream.origins[protocol];
  const directory = join(bench.directory, `${name}-${protocol}`);
  mkdirSync(directory);
  const port = await pickFreePort();
  const values = {
    port: String(port),
    upstream,
    upstream_host: new URL(upstream).host,
    bucket: BUCKET,
    ca: bench.upstream.caFile,
    directory,
  };
  const [program, ...args] = command;
  const contending = spawnPinned([fillIn(program, values), ...args.map((arg) => fillIn(arg, values))], {
    cores: bench.cores.proxy,
    environment: {
      ...daemonEnvironment(bench.upstream.caFile),
      SSL_CERT_FILE: bench.upstream.caFile,
      ...Object.fromEntries(Object.entries(environment).map(([key, text]) => [key, fillIn(text, values)])),
    },
  });
  contending.child.stdout?.resume();
  await waitUntilAccepting(name, port, contending);
  const url = `http://127.0.0.1:${port}${fillIn(path, values)}`;
  return { name, protocol, url, pid: contending.pid, stop: () => contending.stop() };
}

/** It can only be tried: nothing says in general when a program listens. */
async function waitUntilAccepting(name: string, port: number, contender: PinnedProcess): Promise<void> {
  const ended = contender.exited.then((code): never => {
    throw new Error(`${name} ended with ${code}:\n${contender.errors()}`);
  });
  ended.catch(() => undefined);
  const deadline = AbortSignal.timeout(START_DEADLINE_MS);
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isAccepted = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      ended,
    ]);
    socket.destroy();
    if (isAccepted) return;
    if (deadline.aborted) throw new Error(`${name} did not listen on port ${port} in time`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
