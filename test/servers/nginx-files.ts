import { mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pickFreePorts } from '../support/free-ports.ts';

const SHIPPED_FOLDER = join(import.meta.dirname, '../../nginx');
const LISTEN_LINE = /\blisten\s+(?:unix:([^\s;]+)|(?:(\d+\.\d+\.\d+\.\d+):)?(\d+))/g;

export interface NginxOptions {
  /**
   * What stands in http { }, written as an operator would: `include /etc/nginx/s3-helper/plain.conf;` finds the shipped
   * file. /etc/nginx/, /var/cache/nginx/ and /run/s3-helper/ are moved into a temporary folder, and each port of a
   * `listen` becomes a free one on 127.0.0.1.
   */
  readonly conf: string;
  /** Literal texts to replace in `conf` and in the shipped files, before anything else is moved. */
  readonly replacements?: Readonly<Record<string, string>>;
}

/** A configuration on disk, ready to be run. */
export interface NginxFiles {
  readonly folder: string;
  readonly confFile: string;
  readonly accessLogFile: string;
  /** Free port by the address as written, in the order of the `listen` lines. */
  readonly ports: ReadonlyMap<string, number>;
  readonly socketPath: string;
}

/** Writes a whole nginx.conf and the shipped files around an http-level configuration into a new temporary folder. */
export async function writeNginxFiles(options: NginxOptions): Promise<NginxFiles> {
  // Short, as the path of a unix socket holds 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  const etc = join(folder, 'etc');
  for (const name of ['etc/s3-helper', 'cache', 'run', 'temp'])
    mkdirSync(join(folder, name), { recursive: true });

  const moved: Readonly<Record<string, string>> = {
    '/etc/nginx/': `${etc}/`,
    '/var/cache/nginx/': `${folder}/cache/`,
    '/run/s3-helper/': `${folder}/run/`,
  };
  const adapt = (text: string) => replaceAll(replaceAll(text, options.replacements ?? {}), moved);
  const conf = adapt(options.conf);
  const shipped = readdirSync(SHIPPED_FOLDER)
    .filter((name) => name.endsWith('.conf'))
    .map((name) => ({ name, text: adapt(readFileSync(join(SHIPPED_FOLDER, name), 'utf8')) }));

  const included = shipped.filter(({ name }) => conf.includes(`/${name};`)).map(({ text }) => text);
  const listens = await assignPorts([conf, ...included]);
  for (const { name, text } of shipped) writeFileSync(join(etc, 's3-helper', name), listens.rewrite(text));
  const confFile = join(etc, 'nginx.conf');
  const accessLogFile = join(folder, 'access.log');
  writeFileSync(confFile, wholeConf({ folder, accessLogFile, http: listens.rewrite(conf) }));
  return { folder, confFile, accessLogFile, ports: listens.ports, socketPath: listens.socketPath };
}

function wholeConf({
  folder,
  accessLogFile,
  http,
}: {
  folder: string;
  accessLogFile: string;
  http: string;
}): string {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/temp/${kind};`,
  );
  return `daemon off;
master_process on;
worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${folder}/nginx.pid;
# Notices hold the line that says that nginx listens.
error_log stderr notice;
events { worker_connections 4096; }
http {
log_format test '$connection "$request" $http_range $status $body_bytes_sent $http_host';
access_log ${accessLogFile} test;
include /etc/nginx/mime.types;
${temp.join('\n')}
${http}
}
`;
}

interface Listens {
  readonly ports: ReadonlyMap<string, number>;
  readonly socketPath: string;
  readonly rewrite: (text: string) => string;
}

async function assignPorts(texts: readonly string[]): Promise<Listens> {
  const found = texts.flatMap((text) => [...stripComments(text).matchAll(LISTEN_LINE)]);
  const written = found
    .filter(([, path]) => path === undefined)
    .map(([, , host, port]) => writtenAddress(host, port));
  const addresses = [...new Set(written)];
  const free = await pickFreePorts(addresses.length);
  const ports = new Map(addresses.map((address, index) => [address, free[index] ?? 0]));
  const rewrite = (text: string) =>
    text.replace(
      LISTEN_LINE,
      (line, path: string | undefined, host: string | undefined, port: string | undefined) => {
        const freePort = path === undefined ? ports.get(writtenAddress(host, port)) : undefined;
        return freePort === undefined ? line : `listen 127.0.0.1:${freePort}`;
      },
    );
  return { ports, socketPath: found.find(([, path]) => path !== undefined)?.[1] ?? '', rewrite };
}

function writtenAddress(host: string | undefined, port: string | undefined): string {
  return host === undefined ? (port ?? '') : `${host}:${port ?? ''}`;
}

function stripComments(text: string): string {
  return text.replace(/^\s*#.*$/gm, '');
}

function replaceAll(text: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((result, [from, to]) => result.replaceAll(from, to), text);
}
