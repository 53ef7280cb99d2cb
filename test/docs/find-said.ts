import ts from 'typescript';

/** How a sentence comes to the operator. */
export type SentenceKind = 'log' | 'stderr' | 'mistake' | 'warning' | 'cause';

export interface Said {
  readonly kind: SentenceKind;
  readonly said: readonly ts.Expression[];
}

/** What a node says to the operator; undefined for one that says nothing. @param file - from `src/` */
export function findSaid(node: ts.Node, file: string): Said | undefined {
  if (ts.isCallExpression(node)) return findInCall(node, file);
  if (ts.isNewExpression(node)) return findInError(node, file);
  if (ts.isYieldExpression(node) && file.startsWith('config/')) return ofText('mistake', node.expression);
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'words')
    return ofText('cause', node.initializer);
  if (ts.isVariableDeclaration(node) && node.name.getText() === 'NO_SOURCE')
    return ofText('cause', node.initializer);
  if (ts.isVariableDeclaration(node) && node.name.getText() === 'warnings' && file.startsWith('config/'))
    return { kind: 'warning', said: findElements(node.initializer) };
  return file === RELOAD_FILE || file.startsWith('cli/systemd/') ? findMade(node, file) : undefined;
}

/** Makes sentences that `s3-helper reload` prints, too. */
const RELOAD_FILE = 'cli/reloadable-service.ts';

/** A list of sentences is made by a callback, one by a function that describes. */
function findMade(node: ts.Node, file: string): Said | undefined {
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body))
    return ofText(file === RELOAD_FILE ? 'warning' : 'stderr', node.body);
  return ts.isReturnStatement(node) ? ofText('stderr', node.expression) : undefined;
}

/** Errors whose message is printed as it is. */
const SAID_ERRORS: ReadonlySet<string> = new Set(['ListenError', 'InvalidArgumentError']);

function findInError({ expression, arguments: given }: ts.NewExpression, file: string): Said | undefined {
  const name = expression.getText();
  const isSaid = SAID_ERRORS.has(name) || (name === 'Error' && file.startsWith('cli/systemd/'));
  return isSaid ? { kind: 'stderr', said: given?.slice(0, 1) ?? [] } : undefined;
}

const LEVELS: ReadonlySet<string> = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'record']);
/** Makes the logger, and so calls the library's. */
const LOGGER_FILE = 'telemetry/create-logger.ts';

function findInCall({ expression, arguments: given }: ts.CallExpression, file: string): Said | undefined {
  if (expression.getText() === 'complain') return { kind: 'stderr', said: findElements(given[0]) };
  if (!ts.isPropertyAccessExpression(expression)) return undefined;
  const target = expression.expression.getText();
  const name = expression.name.text;
  if (LEVELS.has(name) && /(?:^|\.|#)logger$/.test(target) && file !== LOGGER_FILE)
    return { kind: 'log', said: given.slice(-1) };
  if (name === 'write' && target === 'process.stderr') return { kind: 'stderr', said: given };
  if (name === 'error' && target === 'program') return { kind: 'stderr', said: given };
  if (name === 'emitWarning') return { kind: 'stderr', said: given.slice(0, 1) };
  if (name !== 'push' || !file.startsWith('config/')) return undefined;
  if (/(?:^|\.)warnings$/.test(target)) return { kind: 'warning', said: given };
  return /(?:^|\.)(?:mistakes|unreadable)$/.test(target) ? { kind: 'mistake', said: given } : undefined;
}

/** Elements of the array literals in an expression. */
function findElements(node: ts.Expression | undefined): readonly ts.Expression[] {
  if (node === undefined) return [];
  if (ts.isArrayLiteralExpression(node)) return node.elements.filter((one) => !ts.isSpreadElement(one));
  if (!ts.isConditionalExpression(node)) return [];
  return [...findElements(node.whenTrue), ...findElements(node.whenFalse)];
}

/** What is written as a text of more than one word, where it stands. */
function ofText(kind: SentenceKind, node: ts.Expression | undefined): Said | undefined {
  if (node === undefined) return undefined;
  const isText =
    ts.isStringLiteralLike(node) ||
    ts.isTemplateExpression(node) ||
    (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken);
  return isText && /\w \w/.test(node.getText()) ? { kind, said: [node] } : undefined;
}
