import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDocument, ROOT } from './read-markdown.ts';

const ROWS = (await readDocument('docs/nginx.md')).tables
  .filter(({ head }) => head[0] === 'Line')
  .flatMap(({ rows }) => rows);

/** The directives of a file, each as one line, without comments. */
function readDirectives(path: string): string[] {
  const text = readFileSync(join(ROOT, path), 'utf8').replaceAll(/^\s*#.*$/gm, '');
  return [...text.matchAll(/[^;{}]+;/g)].map(([directive]) => directive.trim().replaceAll(/\s+/g, ' '));
}

test.each(ROWS.map(([line = '', file = '', why = '']) => [line, file, why] as const))(
  '`%s` is in %s, as the document says',
  (line, file, why) => {
    expect(readDirectives(file)).toContain(line);
    expect(why).not.toBe('');
  },
);

/** What the files say beside this is explained in their own comments: headers that are blanked, addresses, the stub. */
const EXPLAINED =
  /^(?:vod_(?!mode mapped)|keepalive|proxy_(?!set_header|pass|cache_path|send_timeout|params))/;
const OWN_COMMENTS = ['vod_remote_upstream_location ', 'proxy_cache ', 'proxy_intercept_errors off;'];

test('every line by which nginx, the packager and the cache are tuned is explained', () => {
  const files = readdirSync(join(ROOT, 'nginx')).filter((name) => /^(?!dev|evs|plain).*\.conf$/.test(name));
  const directives = files.flatMap((name) => readDirectives(`nginx/${name}`));
  const explained = new Set(ROWS.map(([line]) => line));
  const missing = directives
    .filter((directive) => EXPLAINED.test(directive) && !explained.has(directive))
    .filter((directive) => !OWN_COMMENTS.some((start) => directive.startsWith(start)));
  expect(files.length).toBeGreaterThan(4);
  expect(missing).toEqual([]);
});
