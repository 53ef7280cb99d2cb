import { LEGACY_KEYS } from './legacy-keys.ts';
import type { WrittenConfig, WrittenValue } from './read-config.ts';

interface ResolvedLegacy {
  readonly settings: ReadonlyMap<string, WrittenValue>;
  readonly routes: WrittenValue | undefined;
  readonly warnings: readonly string[];
}

/**
 * Adds what an evs-s3helper file says to the settings of today's names, which win over nothing and collide loudly.
 * Such a file keeps evs's behaviour where ours is stricter: any Host is accepted, and an address without a host, or
 * with an unspecified one, is the loopback address (evs listened on all of them and refused every other peer).
 */
export function resolveLegacyKeys(written: WrittenConfig, mistakes: string[]): ResolvedLegacy {
  const settings = new Map(written.settings);
  const warnings: string[] = [];
  let routes = written.routes;
  if (written.legacy.size === 0) return { settings, routes, warnings };

  const withoutEffect: string[] = [];
  for (const [name, { value, origin }] of written.legacy) {
    const key = LEGACY_KEYS.get(name);
    const text = typeof value === 'string' ? key?.translate(value) : undefined;
    if (key === undefined || text === undefined) {
      const shown = name === 'newrelic.license' ? 'the value' : JSON.stringify(value);
      mistakes.push(`${name}: ${shown} is not accepted (${origin}); write ${key?.accepts ?? 'a known key'}`);
    } else if (key.becomes === undefined) {
      withoutEffect.push(name);
    } else if (key.becomes === 'routes') {
      if (routes !== undefined) mistakes.push(`${name}: is given together with routes; keep one of them`);
      routes = { value: [{ path: '/avod/', bucket: text }], origin };
    } else if (written.settings.get(key.becomes)?.origin === origin) {
      mistakes.push(`${name}: is given together with ${key.becomes} (${origin}); keep one of them`);
    } else if (!settings.has(key.becomes)) {
      settings.set(key.becomes, { value: text, origin });
    } else if (settings.get(key.becomes)?.origin === origin && settings.get(key.becomes)?.value !== text) {
      mistakes.push(
        `${name}: is given together with another key for ${key.becomes} (${origin}); keep one of them`,
      );
    }
  }

  if (withoutEffect.length > 0) {
    warnings.push(`these keys are accepted and have no effect in this version: ${withoutEffect.join(', ')}`);
  }
  if (!settings.has('allowed_hosts')) {
    settings.set('allowed_hosts', { value: '*', origin: 'evs-s3helper file' });
    warnings.push(
      'this is an evs-s3helper file, so any Host header is accepted, which lets a web page that rebinds its DNS name to ' +
        '127.0.0.1 read the bucket; list the names your nginx sends in allowed_hosts to refuse all others',
    );
  }
  listenOnLoopback(settings, warnings);
  return { settings, routes, warnings };
}

function listenOnLoopback(settings: Map<string, WrittenValue>, warnings: string[]): void {
  const listen = settings.get('listen');
  const port =
    typeof listen?.value === 'string' ? /^(?:0\.0\.0\.0|\[::\]):(\d+)$/.exec(listen.value)?.[1] : undefined;
  if (listen === undefined || port === undefined || settings.get('allow_remote')?.value === 'true') return;
  settings.set('listen', { value: `127.0.0.1:${port}`, origin: listen.origin });
  warnings.push(
    `listen: ${String(listen.value)} is taken as 127.0.0.1:${port}; evs-s3helper refused every other peer with 403`,
  );
}
