import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { ParserOptions } from 'prettier';
import { parsers } from 'prettier/plugins/markdown';

/** The folder of the project. */
export const ROOT = join(import.meta.dirname, '../..');

/** A fenced block, as it stands. */
export interface FencedBlock {
  /** The word behind the fence; empty for none. */
  readonly language: string;
  readonly text: string;
  /** Of its fence, from 1. */
  readonly line: number;
}

/** What a document holds that can be looked up. */
export interface MarkdownDocument {
  /** From the project's folder. */
  readonly path: string;
  /** Where links and images lead, as they are written. */
  readonly links: readonly { readonly url: string; readonly line: number }[];
  /** What a link to a heading of this document may say behind its `#`. */
  readonly anchors: ReadonlySet<string>;
  readonly blocks: readonly FencedBlock[];
  /** Texts in backquotes, but for those in fenced blocks. */
  readonly codes: readonly string[];
  readonly tables: readonly Table[];
}

export interface Table {
  /** Cells of the head, as text. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Every document of the project, in the order of their paths. */
export async function readDocuments(): Promise<readonly MarkdownDocument[]> {
  return Promise.all(listFiles(ROOT).map(readDocument));
}

const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.git']);

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listFiles(path);
      return entry.name.endsWith('.md') ? [relative(ROOT, path)] : [];
    })
    .sort();
}

/** @param path - from the project's folder */
export async function readDocument(path: string): Promise<MarkdownDocument> {
  const tree = (await parsers.markdown.parse(
    readFileSync(join(ROOT, path), 'utf8'),
    {} as ParserOptions,
  )) as MarkdownNode;
  const nodes = [...walk(tree)];
  return {
    path,
    links: nodes.flatMap(({ url, position }) =>
      url === undefined ? [] : [{ url, line: position.start.line }],
    ),
    anchors: nameAnchors(nodes.filter(({ type }) => type === 'heading').map(toText)),
    blocks: nodes
      .filter(({ type }) => type === 'code')
      .map(({ lang, value = '', position }) => ({
        ...{ language: lang ?? '', text: value, line: position.start.line },
      })),
    codes: nodes.filter(({ type }) => type === 'inlineCode').map(toText),
    tables: nodes
      .filter(({ type }) => type === 'table')
      .map(({ children = [] }) => children.map((row) => (row.children ?? []).map(toText)))
      .map(([head = [], ...rows]) => ({ head, rows })),
  };
}

/** A node of prettier's tree, as far as it is read here. */
interface MarkdownNode {
  readonly type: string;
  readonly value?: string;
  readonly url?: string;
  readonly lang?: string | null;
  readonly children?: readonly MarkdownNode[];
  readonly position: { readonly start: { readonly line: number } };
}

function* walk(node: MarkdownNode): Generator<MarkdownNode> {
  yield node;
  for (const child of node.children ?? []) yield* walk(child);
}

function toText({ value, children = [] }: MarkdownNode): string {
  return value ?? children.map(toText).join('');
}

/** As GitHub names them: in small letters, without punctuation, with hyphens for spaces, and numbered where they repeat. */
function nameAnchors(headings: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const heading of headings) {
    const name = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    let numbered = name;
    for (let count = 1; names.has(numbered); count += 1) numbered = `${name}-${count}`;
    names.add(numbered);
  }
  return names;
}

/** The path from the project's folder that a link of this document leads to, and what is behind its `#`. */
export function resolveLink(document: MarkdownDocument, url: string): { path: string; anchor: string } {
  const [file = '', anchor = ''] = url.split('#');
  const path = file === '' ? document.path : join(dirname(document.path), decodeURIComponent(file));
  return { path: basename(path) === '' ? '.' : path, anchor };
}
