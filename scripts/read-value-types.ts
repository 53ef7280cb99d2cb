import { join } from 'node:path';
import ts from 'typescript';

const FILE = join(import.meta.dirname, 'file-values.ts');
const OPTIONS: ts.CompilerOptions = {
  allowImportingTsExtensions: true,
  module: ts.ModuleKind.NodeNext,
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  target: ts.ScriptTarget.ES2023,
  types: ['node'],
};

export interface ValueTypes {
  /** Of each key of the configuration file, by its dotted name, as TypeScript. */
  readonly byName: ReadonlyMap<string, string>;
  /** What `Duration` stands for in them. */
  readonly duration: string;
}

/** What a configuration file may hold for each key, as the compiler works it out of the settings' schemas. */
export function readValueTypes(): ValueTypes {
  const program = ts.createProgram([FILE], OPTIONS);
  const checker = program.getTypeChecker();
  const statements = program.getSourceFile(FILE)?.statements ?? [];
  const findAlias = (name: string): ts.TypeAliasDeclaration => {
    const alias = statements.find(
      (statement) => ts.isTypeAliasDeclaration(statement) && statement.name.text === name,
    );
    if (alias === undefined) throw new Error(`${FILE} has no type ${name}`);
    return alias as ts.TypeAliasDeclaration;
  };
  const write = (type: ts.Type): string =>
    checker.typeToString(
      type,
      undefined,
      ts.TypeFormatFlags.NoTruncation |
        ts.TypeFormatFlags.InTypeAlias |
        ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType,
    );
  const duration = write(checker.getTypeAtLocation(findAlias('Duration')));
  const properties = checker.getTypeAtLocation(findAlias('FileValues')).getProperties();
  const byName = new Map(
    properties.map((property) => {
      const type = write(checker.getTypeOfSymbol(property));
      return [property.name, type === duration ? 'Duration' : type.replace('string[]', 'readonly string[]')];
    }),
  );
  return { byName, duration };
}
