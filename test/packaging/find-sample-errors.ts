import { join } from 'node:path';
import ts from 'typescript';

export interface Sample {
  readonly name: string;
  /** A module of TypeScript. */
  readonly text: string;
}

/**
 * Compiles samples as somebody would who has installed the package in `directory`, with the strictest rules and none of
 * the types of Node.
 * @returns the compiler's sentences by the sample's name; none for one that is right
 */
export function findSampleErrors(
  directory: string,
  samples: readonly Sample[],
  moduleResolution = ts.ModuleResolutionKind.NodeNext,
): ReadonlyMap<string, readonly string[]> {
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    module:
      moduleResolution === ts.ModuleResolutionKind.NodeNext ? ts.ModuleKind.NodeNext : ts.ModuleKind.ESNext,
    moduleResolution,
    target: ts.ScriptTarget.ES2023,
    types: [],
  };
  const files = new Map(
    samples.map(({ text }, at) => {
      const path = join(directory, `sample-${at}.mts`);
      return [path, ts.createSourceFile(path, text, ts.ScriptTarget.ES2023)];
    }),
  );
  const host = ts.createCompilerHost(options);
  const ofDisk = { fileExists: host.fileExists.bind(host), getSourceFile: host.getSourceFile.bind(host) };
  host.fileExists = (path) => files.has(path) || ofDisk.fileExists(path);
  host.getSourceFile = (path, ...rest) => files.get(path) ?? ofDisk.getSourceFile(path, ...rest);
  const program = ts.createProgram([...files.keys()], options, host);
  const errors = new Map<string, string[]>(samples.map(({ name }) => [name, []]));
  for (const { file, messageText } of ts.getPreEmitDiagnostics(program)) {
    const at = [...files.keys()].indexOf(file?.fileName ?? '');
    const message = ts.flattenDiagnosticMessageText(messageText, ' ');
    // What is wrong with the declarations themselves is wrong for every sample.
    const concerned = at === -1 ? samples : samples.slice(at, at + 1);
    for (const { name } of concerned) errors.get(name)?.push(message);
  }
  return errors;
}
