import { readFileSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { type Document, LineCounter, parseDocument, visit } from 'yaml';

export type YamlMap = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An empty value is as good as no value: templates leave `region:` behind. */
export function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** The map in a file; empty after a mistake, and where an optional file is missing. */
export function readYamlFile(file: string, isOptional: boolean, mistakes: string[]): YamlMap {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code, errno = 0 } = error as NodeJS.ErrnoException;
    const reason = getSystemErrorMap().get(errno)?.[1] ?? String(code);
    if (code !== 'ENOENT' || !isOptional) mistakes.push(`cannot read ${file}: ${reason}`);
    return {};
  }
  const value = parseYaml(text, file, mistakes);
  if (isMap(value)) return value;
  if (!isUnset(value)) mistakes.push(`${file} must hold keys with values, such as "listen: 127.0.0.1:8080"`);
  return {};
}

/**
 * The value of a YAML text, in which every scalar but null is text, as in the environment: `012` and `no` stay what was
 * written. Undefined after a mistake, of which the first is told: the others mostly follow from it.
 */
export function parseYaml(text: string, origin: string, mistakes: string[]): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    customTags: ['null'],
    lineCounter: lines,
    prettyErrors: false,
  });
  const [mistake = findAlias(document)] = document.errors.map(({ message, pos: [offset] }) => ({
    message: message.split(';')[0] ?? message,
    offset,
  }));
  if (mistake === undefined) return document.toJS();
  // The place, but not the text there, which may be a licence key.
  const { line, col } = lines.linePos(mistake.offset);
  mistakes.push(`${origin} is not YAML: ${mistake.message} (line ${line}, column ${col})`);
  return undefined;
}

/** An alias could make the value endless, and none is needed here. */
function findAlias(document: Document.Parsed): { message: string; offset: number } | undefined {
  let offset: number | undefined;
  visit(document, {
    Alias: (_, node) => {
      offset = node.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset === undefined ? undefined : { message: 'Aliases (*name) are not accepted', offset };
}
