import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type MarkdownDocument, readDocument, readDocuments, resolveLink, ROOT } from './read-markdown.ts';

const documents = await readDocuments();

/** Why a link leads nowhere; undefined where it leads somewhere, or out of the project. */
async function findFault(document: MarkdownDocument, url: string): Promise<string | undefined> {
  if (/^[a-z]+:/.test(url)) return undefined;
  const { path, anchor } = resolveLink(document, url);
  if (path.startsWith('..')) return 'leads out of the project';
  if (!existsSync(join(ROOT, path))) return `there is no ${path}`;
  if (anchor === '') return undefined;
  if (!path.endsWith('.md')) return `only headings of documents can be named, not #${anchor} of ${path}`;
  const { anchors } = documents.find((one) => one.path === path) ?? (await readDocument(path));
  return anchors.has(anchor) ? undefined : `${path} has no heading #${anchor}`;
}

async function findFaults(document: MarkdownDocument): Promise<string[]> {
  const faults: string[] = [];
  for (const { url, line } of document.links) {
    const fault = await findFault(document, url);
    if (fault !== undefined) faults.push(`${document.path}:${line}: ${url}: ${fault}`);
  }
  return faults;
}

test('the documents are found, with their links', () => {
  const paths = documents.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['README.md', 'docs/security.md', 'nginx/README.md']));
  expect(documents.flatMap(({ links }) => links).length).toBeGreaterThan(100);
});

test.each([
  ['nowhere.md', 'there is no docs/nowhere.md'],
  ['credentials.md#nothing', 'docs/credentials.md has no heading #nothing'],
  ['#nothing', 'docs/security.md has no heading #nothing'],
  ['../src/failures.ts#L1', 'only headings of documents can be named, not #L1 of src/failures.ts'],
  ['../../elsewhere', 'leads out of the project'],
  ['credentials.md#what-the-role-needs', undefined],
  ['../nginx/', undefined],
  ['https://example.com/nowhere', undefined],
])('a link to %s is judged: %s', async (url, fault) => {
  const document = documents.find(({ path }) => path === 'docs/security.md')!;
  expect(await findFault(document, url)).toBe(fault);
});

test.each(documents.map((document) => [document.path, document] as const))(
  'every link of %s leads to something that is there',
  async (_, document) => {
    expect(await findFaults(document)).toEqual([]);
  },
);

/** A file or folder of the project, as it is written in running text. */
const PATH_IN_TEXT = /^(?:src|test|docs|config|nginx|bench|scripts|\.ci)\/[\w./-]*$/;
/** In this one paths are those below `src/`, too. */
const ARCHITECTURE = 'docs/architecture.md';

test('every path of the project that is named in backquotes is there', () => {
  const isThere = (path: string, document: string): boolean =>
    existsSync(join(ROOT, path)) || (document === ARCHITECTURE && existsSync(join(ROOT, 'src', path)));
  const missing = documents
    .filter(({ path }) => path !== 'CHANGELOG.md')
    .flatMap(({ path, codes }) =>
      codes
        .filter((code) => PATH_IN_TEXT.test(code) || (path === ARCHITECTURE && /^[\w-]+\/.*\.ts$/.test(code)))
        .filter((code) => !isThere(code, path))
        .map((code) => `${path}: ${code}`),
    );
  expect(missing).toEqual([]);
});

test('README leads to every document, and is short', () => {
  const readme = documents.find(({ path }) => path === 'README.md')!;
  const reached = readme.links.map(({ url }) => resolveLink(readme, url).path);
  const others = documents.map(({ path }) => path).filter((path) => /^docs\/|^[A-Z]+\.md$/.test(path));
  expect(others.filter((path) => path !== 'README.md' && !reached.includes(path))).toEqual([]);
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8').split('\n').length).toBeLessThan(160);
});
