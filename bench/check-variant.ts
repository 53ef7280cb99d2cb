import { createHash } from 'node:crypto';
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { readFileSync } from 'node:fs';
import { LARGEST, SMALLEST } from './cells.ts';
import type { UpstreamServer } from './upstream-server.ts';
import { BUCKET } from './upstream-server.ts';
import type { Variant } from './variants.ts';

const DEADLINE_MS = 10_000;

/** Reads two objects and a range through a variant. @throws {Error} unless each is what the upstream itself gives */
export async function checkVariant({ name, url }: Variant, upstream: UpstreamServer): Promise<void> {
  for (const { object } of [SMALLEST, LARGEST]) {
    for (const range of [undefined, 'bytes=100-611']) {
      const right = await fetchDigest(`${upstream.origins.http}/${BUCKET}/${object}`, range, upstream);
      const got = await fetchDigest(url + object, range, upstream);
      if (got !== right) throw new Error(`${name} gives ${got} for ${object} ${range ?? ''}, not ${right}`);
    }
  }
}

/** @returns status, length and SHA-256 */
function fetchDigest(url: string, range: string | undefined, { caFile }: UpstreamServer): Promise<string> {
  const headers = range === undefined ? {} : { range };
  const options = { headers, agent: false as const, signal: AbortSignal.timeout(DEADLINE_MS) };
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:')
      ? getSecurely(url, { ...options, ca: readFileSync(caFile) })
      : get(url, options);
    request.on('error', reject);
    request.on('response', (response) => {
      const hash = createHash('sha256');
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        bytes += chunk.length;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve(`${response.statusCode ?? 0}, ${bytes} bytes, ${hash.digest('hex').slice(0, 12)}`),
      );
    });
  });
}
