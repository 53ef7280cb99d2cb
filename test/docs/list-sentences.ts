import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './read-markdown.ts';
import { findSaid, type SentenceKind } from './find-said.ts';

/** A sentence that the program can say; `…` stands for what differs each time. */
export interface Sentence {
  readonly kind: SentenceKind;
  readonly text: string;
  /** From `src/`. */
  readonly file: string;
}

const SRC = join(ROOT, 'src');

/** Every sentence in the sources. What only passes on a sentence of another place is `…`. */
export function listSentences(): readonly Sentence[] {
  const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('demo/'))
    .sort()
    .map((path) => parse(path, readFileSync(join(SRC, path), 'utf8')));
  return findSentences(sources);
}

/** @param file - from `src/`; its folder says what a list of mistakes is for */
export function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

export function findSentences(sources: readonly ts.SourceFile[]): readonly Sentence[] {
  const functions = new Functions(sources);
  return sources.flatMap((source) => {
    const sentences: Sentence[] = [];
    const visit = (node: ts.Node): void => {
      const { kind, said } = findSaid(node, source.fileName) ?? { kind: 'log', said: [] };
      const texts = said.flatMap((expression) => toTexts(expression, functions));
      sentences.push(...texts.map((text) => ({ kind, text: trim(text), file: source.fileName })));
      ts.forEachChild(node, visit);
    };
    visit(source);
    return sentences;
  });
}

/** `s3-helper: …` is how each line on standard error begins; the command line library's `error: …` becomes that. */
function trim(text: string): string {
  return text.replace(/\n$/, '').replace(/^(?:s3-helper|error): /, '');
}

/** The functions of the program by their names. */
class Functions {
  readonly #all: readonly ts.FunctionDeclaration[];

  constructor(sources: readonly ts.SourceFile[]) {
    this.#all = sources.flatMap(({ statements }) => statements.filter(ts.isFunctionDeclaration));
  }

  /** That of the same file, else one that another exports. */
  find(name: string, source: ts.SourceFile): ts.FunctionDeclaration | undefined {
    const named = this.#all.filter((one) => one.name?.text === name);
    const isExported = (one: ts.FunctionDeclaration): boolean =>
      one.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
    return named.find((one) => one.getSourceFile() === source) ?? named.find(isExported);
  }
}

/** The texts that an expression can be. */
function toTexts(node: ts.Expression, functions: Functions): readonly string[] {
  const resolve = (one: ts.Expression): readonly string[] => toTexts(one, functions);
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node))
    return [node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')];
  if (ts.isParenthesizedExpression(node)) return resolve(node.expression);
  if (ts.isConditionalExpression(node)) return [...resolve(node.whenTrue), ...resolve(node.whenFalse)];
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const ends = resolve(node.right);
    return resolve(node.left).flatMap((start) => ends.map((end) => start + end));
  }
  if (ts.isCallExpression(node)) {
    const named = functions.find(node.expression.getText(), node.getSourceFile());
    return named === undefined ? ['…'] : findReturned(named).flatMap(resolve);
  }
  const constant = ts.isIdentifier(node) ? findConstant(node.text, node.getSourceFile()) : undefined;
  return constant === undefined ? ['…'] : resolve(constant);
}

function findReturned(named: ts.FunctionDeclaration): readonly ts.Expression[] {
  const returned: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isReturnStatement(node) && node.expression !== undefined) returned.push(node.expression);
    ts.forEachChild(node, visit);
  };
  if (named.body !== undefined) visit(named.body);
  return returned;
}

/** Of the top of a file. */
function findConstant(name: string, source: ts.SourceFile): ts.Expression | undefined {
  return source.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find((one) => one.name.getText() === name)?.initializer;
}
