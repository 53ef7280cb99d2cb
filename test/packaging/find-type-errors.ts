import { join } from 'node:path';
import ts from 'typescript';

/** A value, and the published type that it must be of. */
export interface Claim {
  /** For messages. */
  readonly name: string;
  readonly value: unknown;
  /** A module and the name of a type in it. */
  readonly module: string;
  readonly type: string;
}

const FILE = join(import.meta.dirname, 'claims-of-types.ts');
const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  types: ['node'],
};

/**
 * Holds values against types that a package publishes, by the compiler itself: what is missing, of another type, not
 * among the words of an enumeration, or not known at all.
 * @returns the compiler's sentences; none where everything fits
 */
export function findTypeErrors(claims: readonly Claim[]): string[] {
  const lines = claims.map(
    ({ module, type, value }, at) =>
      `import type { ${type} as Type${at} } from '${module}';\nexport const value${at}: Type${at} = ${JSON.stringify(value)};`,
  );
  const text = lines.join('\n');
  const virtual = ts.createSourceFile(FILE, text, ts.ScriptTarget.Latest);
  const host = ts.createCompilerHost(OPTIONS);
  const ofDisk: Pick<ts.CompilerHost, 'fileExists' | 'getSourceFile'> = { ...host };
  host.fileExists = (path) => path === FILE || ofDisk.fileExists(path);
  host.getSourceFile = (path, options) => (path === FILE ? virtual : ofDisk.getSourceFile(path, options));
  const program = ts.createProgram([FILE], OPTIONS, host);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ');
    const { line } = virtual.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
    return `${claims[Math.floor(line / 2)]?.name ?? 'the compiler'}: ${message}`;
  });
}
