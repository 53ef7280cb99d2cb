import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';

/** A file of the status page, as a browser gets it. */
export interface PageFile {
  readonly contentType: string;
  readonly body: Buffer;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What draws the plots, out of its package. */
const UPLOT_FILES: Readonly<Record<string, string>> = {
  'uplot.js': 'uplot/dist/uPlot.iife.min.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
};

/** Reads everything that the page is made of. @returns by path */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const folder = join(import.meta.dirname, 'page');
  const require = createRequire(import.meta.url);
  const own = readdirSync(folder).map((name): [string, string] => [name, join(folder, name)]);
  const plots = Object.entries(UPLOT_FILES).map(([name, file]): [string, string] => [
    name,
    require.resolve(file),
  ]);
  const files = new Map<string, PageFile>();
  for (const [name, file] of [...own, ...plots]) {
    const contentType = CONTENT_TYPES[extname(name)];
    if (contentType === undefined) continue;
    files.set(name === 'page.html' ? '/' : `/page/${name}`, { contentType, body: readFileSync(file) });
  }
  return files;
}
