import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { ConfigError } from './config-error.ts';
import { LEGACY_KEYS } from './legacy-keys.ts';
import { environmentName, S3_SETTINGS, SETTING_NAMES, SETTINGS } from './settings.ts';

/** A value as somebody wrote it, and where. */
export interface WrittenValue {
  readonly value: unknown;
  /** `flag --s3-bucket`, `environment S3_HELPER_S3_BUCKET` or `FILE`. */
  readonly origin: string;
}

/** What was written, unjudged but for its shape: keys are known, values are not looked at yet. */
export interface WrittenConfig {
  readonly settings: ReadonlyMap<string, WrittenValue>;
  readonly routes: WrittenValue | undefined;
  /** Flat keys of an evs-s3helper file. */
  readonly legacy: ReadonlyMap<string, WrittenValue>;
}

export interface ConfigSources {
  /** Values of flags by the key they set. */
  readonly flags: ReadonlyMap<string, string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The file to read; a missing one is a mistake unless `fileIsOptional`. */
  readonly file: string;
  readonly fileIsOptional: boolean;
}

/**
 * Reads file, environment and flags; a later one wins.
 * @throws {ConfigError} naming each key that does not exist and each thing that is not YAML.
 */
export function readConfig(sources: ConfigSources): WrittenConfig {
  const mistakes: string[] = [];
  const settings = new Map<string, WrittenValue>();
  const legacy = new Map<string, WrittenValue>();
  let routes: WrittenValue | undefined;

  const take = (name: string, value: unknown, origin: string): void => {
    if (isUnset(value)) return;
    if (name === 'routes') routes = { value, origin };
    else if (Object.hasOwn(SETTINGS, name)) settings.set(name, { value, origin });
    else if (LEGACY_KEYS.has(name)) legacy.set(name, { value, origin });
    else mistakes.push(describeUnknownKey(name, origin));
  };

  for (const [name, value] of flatten(readYamlFile(sources, mistakes))) take(name, value, sources.file);
  readEnvironment(sources.environment, take, mistakes);
  for (const [name, value] of sources.flags) take(name, value, `flag --${name.replaceAll(/[._]/g, '-')}`);

  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return { settings, routes, legacy };
}

function readYamlFile(sources: ConfigSources, mistakes: string[]): unknown {
  let text: string;
  try {
    text = readFileSync(sources.file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code !== 'ENOENT' || !sources.fileIsOptional) mistakes.push(`cannot read ${sources.file}: ${code}`);
    return {};
  }
  return parseYaml(text, sources.file, mistakes);
}

/** With the failsafe schema every scalar is text, as in the environment: `012` and `no` stay what was written. */
function parseYaml(text: string, origin: string, mistakes: string[]): unknown {
  const document = parseDocument(text, { schema: 'failsafe', prettyErrors: true });
  if (document.errors.length > 0) {
    // The first line only: the rest quotes the file, which may hold a licence key.
    mistakes.push(
      ...document.errors.map((error) => `${origin} is not YAML: ${error.message.split('\n')[0] ?? ''}`),
    );
    return {};
  }
  const value: unknown = document.toJS();
  if (isMap(value) || Array.isArray(value)) return value;
  if (!isUnset(value))
    mistakes.push(`${origin} must hold keys with values, such as "listen: 127.0.0.1:8080"`);
  return {};
}

function readEnvironment(
  environment: ConfigSources['environment'],
  take: (name: string, value: unknown, origin: string) => void,
  mistakes: string[],
): void {
  const known = new Map([...SETTING_NAMES, 'routes'].map((name) => [environmentName(name), name]));
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('S3_HELPER_') || text === undefined) continue;
    const origin = `environment ${variable}`;
    const name = known.get(variable);
    if (name === undefined) mistakes.push(`${variable} is no setting's environment variable`);
    else take(name, name === 'routes' ? parseYaml(text, origin, mistakes) : text, origin);
  }
}

/** `{s3: {bucket: x}}` as `s3.bucket` → x. Routes stay a list. */
function* flatten(tree: unknown, prefix = ''): Generator<[string, unknown]> {
  if (!isMap(tree)) return;
  for (const [key, value] of Object.entries(tree)) {
    const name = prefix + key;
    if (isMap(value) && name !== 'routes') yield* flatten(value, `${name}.`);
    else if (!(SECTIONS.has(name) && isUnset(value))) yield [name, value];
  }
}

const SECTIONS: ReadonlySet<string> = new Set(
  [...SETTING_NAMES, ...LEGACY_KEYS.keys()]
    .filter((name) => name.includes('.'))
    .map((name) => name.replace(/\..*$/, '')),
);

function describeUnknownKey(name: string, origin: string): string {
  const section = name.includes('.') ? name.slice(0, name.indexOf('.') + 1) : '';
  const known = [...SETTING_NAMES, 'routes'].filter((key) =>
    section === '' ? true : key.startsWith(section),
  );
  return `${name}: no such key (${origin}); known: ${(known.length > 0 ? known : SETTING_NAMES).join(', ')}`;
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An empty value is as good as no value: templates leave `region:` behind. */
export function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === '~' || value === 'null';
}

export const ROUTE_KEYS: readonly string[] = ['path', ...Object.keys(S3_SETTINGS)];
