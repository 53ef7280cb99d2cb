import { Document, type Node, YAMLMap } from 'yaml';
import type { WrittenConfig, WrittenValue } from '../config/read-config.ts';
import { isMap, isUnset, type YamlMap } from '../config/read-yaml.ts';
import { resolveLegacyKeys } from '../config/resolve-legacy-keys.ts';
import {
  CREDENTIAL_SETTINGS,
  S3_SETTINGS,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type SettingName,
} from '../config/settings.ts';

/** A value and how it came to be; null for none. */
interface Origin {
  readonly value: unknown;
  readonly from: string;
}

/**
 * The effective configuration as a file of its own, with the origin of every value behind it. Secrets are left out.
 * @param written - must be free of mistakes
 */
export function formatConfig(written: WrittenConfig): string {
  const { settings, adRoute } = resolveLegacyKeys(written, []);
  const findSetting = (name: SettingName): Origin => findOrigin(name, settings, written.awsRegion);
  const document = new Document({}, { schema: 'failsafe', customTags: ['null'] });
  for (const name of SETTING_NAMES)
    document.setIn(name.split('.'), toNode(document, name, findSetting(name)));
  const isFromFile = (written.routes?.origin ?? written.file) === written.file;
  const routes = [...listRoutes(written.routes), ...(isFromFile ? listRoutes(adRoute) : [])];
  const maps = routes.map((route) => formatRoute(document, route, findSetting));
  document.set('routes', document.createNode(maps, { flow: maps.length === 0 }));
  return document.toString({ lineWidth: 0, nullStr: '', flowCollectionPadding: false });
}

const SECRET_NAME = /license|secret|token|password/;

function findOrigin(
  name: SettingName,
  settings: ReadonlyMap<string, WrittenValue>,
  awsRegion: WrittenValue | undefined,
): Origin {
  const written = settings.get(name) ?? (name === 's3.region' ? awsRegion : undefined);
  if (written !== undefined) return { value: written.value, from: nameOrigin(written) };
  const { defaultText } = SETTINGS[name] as Setting<unknown>;
  // Only a list has an empty text for its default.
  if (defaultText === '') return { value: [], from: 'default' };
  return defaultText === undefined
    ? { value: null, from: 'not set' }
    : { value: defaultText, from: 'default' };
}

function nameOrigin({ origin, oldName }: WrittenValue): string {
  return oldName === undefined ? origin : `${origin}, as ${oldName}`;
}

function toNode(document: Document, name: string, { value, from }: Origin): Node {
  const isSecret = SECRET_NAME.test(name) && !isUnset(value);
  const node = document.createNode(isSecret ? null : value, { flow: true });
  node.comment = isSecret ? ` hidden; ${from}` : ` ${from}`;
  return node;
}

function listRoutes(
  written: WrittenValue | undefined,
): readonly (WrittenValue & { readonly value: YamlMap })[] {
  if (written === undefined) return [];
  const entries: readonly unknown[] = Array.isArray(written.value) ? written.value : [written.value];
  return entries.filter(isMap).map((value) => ({ ...written, value }));
}

/** A route with all that holds for it, be it written there or taken over. */
function formatRoute(
  document: Document,
  { value: entry, origin }: WrittenValue & { readonly value: YamlMap },
  findSetting: (name: SettingName) => Origin,
): YAMLMap {
  const fill = (own: YamlMap, section: 's3' | 'credentials', keys: object): YAMLMap => {
    const map = new YAMLMap();
    for (const key of Object.keys(keys)) {
      const name = `${section}.${key}` as SettingName;
      const inherited = findSetting(name);
      const isOwn = !isUnset(own[key]);
      if (!isOwn && inherited.value === null) continue;
      const from = isOwn ? origin : inherited.from === 'default' ? 'default' : `as ${name}`;
      map.set(key, toNode(document, name, { value: isOwn ? own[key] : inherited.value, from }));
    }
    return map;
  };
  const map = fill(entry, 's3', S3_SETTINGS);
  map.items.unshift(
    document.createPair('path', toNode(document, 'path', { value: entry['path'], from: origin })),
  );
  if (isMap(entry['credentials']))
    map.set('credentials', fill(entry['credentials'], 'credentials', CREDENTIAL_SETTINGS));
  return map;
}
