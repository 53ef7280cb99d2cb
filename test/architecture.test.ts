import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '../src');

/** A file of the program, by its path from `src/`. */
interface SourceFile {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

interface Import {
  /** A path from `src/`, or the name of a package. */
  readonly from: string;
  readonly isType: boolean;
}

const FILES: readonly SourceFile[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map(readSource)
  .sort((one, other) => (one.path < other.path ? -1 : 1));

function readSource(path: string): SourceFile {
  const text = readFileSync(join(SRC, path), 'utf8');
  const code = stripComments(text);
  const statements = [...code.matchAll(/^(?:import|export)\b([^;'"]*?)\bfrom\s*['"]([^'"]+)['"]/gm)];
  const bare = [...code.matchAll(/^import\s+['"]([^'"]+)['"]/gm)].map((match) => ['', match[1]!] as const);
  const dynamic = [...code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)].map(
    (match) => ['', match[1]!] as const,
  );
  const named = statements.map((match) => [match[1]!, match[2]!] as const);
  const imports = [...named, ...bare, ...dynamic].map(([clause, from]) => ({
    from: from.startsWith('.') ? relative(SRC, join(SRC, dirname(path), from)) : from,
    isType: isTypeClause(clause),
  }));
  return { path, folder: path.includes('/') ? path.slice(0, path.indexOf('/')) : '', text: code, imports };
}

function stripComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

/** `import type …`, or braces in which every name is a type. */
function isTypeClause(clause: string): boolean {
  if (/^\s*type\b/.test(clause)) return true;
  const names =
    /^\s*\{([^}]*)\}\s*$/
      .exec(clause)?.[1]
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean) ?? [];
  return names.length > 0 && names.every((name) => name.startsWith('type '));
}

/** The files whose text matches, but for those that may. */
function filesThat(pattern: RegExp, except: readonly string[] = []): string[] {
  return FILES.filter(
    ({ path, text }) => pattern.test(text) && !except.some((allowed) => path.startsWith(allowed)),
  ).map(({ path }) => path);
}

function valueImports(file: SourceFile): string[] {
  return file.imports.filter(({ isType }) => !isType).map(({ from }) => from);
}

test('The reader of this test sees the files and their imports', () => {
  expect(FILES.length).toBeGreaterThan(40);
  const spine = FILES.find(({ path }) => path === 'daemon/proxy-request.ts')!;
  expect(spine.imports).toContainEqual({ from: 'request/admit.ts', isType: false });
  expect(spine.imports).toContainEqual({ from: 's3/upstream.ts', isType: true });
});

describe('Values flow one way:', () => {
  test.each(['request', 's3', 'response'])(
    '%s/ imports values only from itself and the failures table',
    (folder) => {
      const strangers = FILES.filter((file) => file.folder === folder).flatMap((file) =>
        valueImports(file)
          .filter((from) => from.endsWith('.ts') && !from.startsWith(`${folder}/`) && from !== 'failures.ts')
          .map((from) => `${file.path} ← ${from}`),
      );
      expect(strangers).toEqual([]);
    },
  );

  test('the failures table imports nothing', () => {
    expect(FILES.find(({ path }) => path === 'failures.ts')!.imports).toEqual([]);
  });

  test('nothing imports the daemon but what starts it, and nothing imports the command line but main.ts', () => {
    const starters = ['cli', 'daemon', 'workers', 'demo', 'admin', ''];
    const wrong = FILES.flatMap((file) =>
      valueImports(file)
        .filter(
          (from) =>
            (from.startsWith('daemon/') && !starters.includes(file.folder)) ||
            (from.startsWith('cli/') && !['cli', 'workers', ''].includes(file.folder)),
        )
        .map((from) => `${file.path} ← ${from}`),
    );
    expect(wrong).toEqual([]);
  });

  test('no file imports itself in a circle of values', () => {
    const graph = new Map(
      FILES.map((file) => [file.path, valueImports(file).filter((from) => from.endsWith('.ts'))]),
    );
    expect(findCircle(graph)).toBeUndefined();
  });

  test('the program imports nothing of its tests', () => {
    expect(
      FILES.filter(({ imports }) => imports.some(({ from }) => /^\.\.\//.test(from))).map(({ path }) => path),
    ).toEqual([]);
  });
});

describe('Only one place', () => {
  test('reads the environment: config/, and the command line that hands it over', () => {
    // The demo starts the daemon as a child and gives it its own environment, without what is meant for a real S3.
    const except = ['config/', 'cli/', 'demo/start-demo-daemon.ts'];
    expect(filesThat(/(?<![.\w])process\.env\b|\benv\b.*from 'node:process'/, except)).toEqual([]);
  });

  test('ends the process: main.ts', () => {
    expect(filesThat(/(?<![.\w])process\.(?:exit|abort|exitCode)\b/, ['main.ts'])).toEqual([]);
    // SIGHUP, to the daemon.
    expect(filesThat(/(?<![.\w])process\.kill\b/)).toEqual(['cli/reload.ts']);
  });

  test('knows the logging library: telemetry/', () => {
    expect(
      FILES.filter(
        ({ folder, imports }) => folder !== 'telemetry' && imports.some(({ from }) => from === 'pino'),
      ).map(({ path }) => path),
    ).toEqual([]);
  });

  test('knows undici: the client that stands on it', () => {
    const users = FILES.filter(({ imports }) =>
      imports.some(({ from, isType }) => from === 'undici' && !isType),
    );
    expect(users.map(({ path }) => path)).toEqual(['s3/undici-client.ts']);
  });

  test('prints to the terminal: cli/ and demo/', () => {
    expect(filesThat(/\bprocess\.std(?:out|err)\b|\bconsole\./, ['cli/', 'demo/', 'main.ts'])).toEqual([]);
  });
});

describe('Object paths stay bytes:', () => {
  test('no request to S3 is made with fetch', () => {
    expect(filesThat(/\bfetch\(/, ['credentials/', 'demo/', 'cli/'])).toEqual([]);
  });

  test('new URL is for endpoints and for files', () => {
    const users = filesThat(/new URL\(/);
    const allowed = ['s3/resolve-endpoint.ts', 'config/', 'cli/', 'credentials/'];
    expect(users.filter((path) => !allowed.some((prefix) => path.startsWith(prefix)))).toEqual([]);
  });
});

describe('Names and sizes', () => {
  test('are in kebab-case, and say what a file is for', () => {
    const names = FILES.map(({ path }) => basename(path, '.ts'));
    expect(names.filter((name) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name))).toEqual([]);
    expect(
      names.filter((name) => /(?:^|-)(?:utils?|helpers?|common|misc|data|index)(?:-|$)/.test(name)),
    ).toEqual([]);
  });

  test('are up to 250 lines', () => {
    const long = FILES.filter(
      ({ path }) => readFileSync(join(SRC, path), 'utf8').split('\n').length - 1 > 250,
    );
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test('have a median of about 60 lines', () => {
    const lengths = FILES.map(({ path }) => readFileSync(join(SRC, path), 'utf8').split('\n').length).sort(
      (a, b) => a - b,
    );
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(80);
  });

  test('are not hidden behind barrels', () => {
    expect(filesThat(/^export \* from/m)).toEqual([]);
    expect(FILES.filter(({ text }) => /^export \{[^}]*\} from/m.test(text)).map(({ path }) => path)).toEqual(
      [],
    );
  });
});

/** The first circle in a graph, as its paths in order. */
function findCircle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (finished.has(path)) return undefined;
    for (const next of graph.get(path) ?? []) {
      const circle = visit(next, [...trail, path]);
      if (circle !== undefined) return circle;
    }
    finished.add(path);
    return undefined;
  };
  for (const path of graph.keys()) {
    const circle = visit(path, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
