/** A .cpuprofile file, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Node ids, one each `timeDeltas`. */
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
  /** In microseconds of the machine's monotonic clock, which `process.hrtime` reads too. */
  readonly startTime: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** Where time went, as shares of the time in which the process did anything; the largest first. */
export interface ProfileSummary {
  /** `name file:line`: time in the function itself. */
  readonly self: readonly Share[];
  /** Functions of the program: time in them and in all they call at once, but not in what they await. */
  readonly inclusive: readonly Share[];
  /** Packages and folders: time in their functions, native ones counted with their callers. */
  readonly parts: readonly Share[];
}

export interface Share {
  readonly place: string;
  readonly percent: number;
}

/** Summarises what was sampled from the given moment on. @param fromUs - of the monotonic clock */
export function summariseProfile(profile: CpuProfile, fromUs = 0): ProfileSummary {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const self = new Tally();
  const inclusive = new Tally();
  const parts = new Tally();
  let nowUs = profile.startTime;
  profile.samples.forEach((id, index) => {
    const us = profile.timeDeltas[index] ?? 0;
    nowUs += us;
    const stack = readStack(id, nodes, parents);
    const [top] = stack;
    if (nowUs < fromUs || top === undefined || top.callFrame.functionName === '(idle)') return;
    self.add(describePlace(top), us);
    parts.add(namePart(stack), us);
    const own = stack.map(describePlace).filter((place) => place.includes(' src/'));
    for (const place of new Set(own)) inclusive.add(place, us);
  });
  const totalUs = self.total();
  return { self: self.shares(totalUs), inclusive: inclusive.shares(totalUs), parts: parts.shares(totalUs) };
}

class Tally {
  readonly #us = new Map<string, number>();

  add(place: string, us: number): void {
    this.#us.set(place, (this.#us.get(place) ?? 0) + us);
  }

  total(): number {
    return [...this.#us.values()].reduce((sum, us) => sum + us, 0);
  }

  shares(totalUs: number): Share[] {
    return [...this.#us]
      .map(([place, us]) => ({ place, percent: (us / totalUs) * 100 }))
      .sort((a, b) => b.percent - a.percent);
  }
}

/** The function that was running, and its callers in turn. */
function readStack(
  id: number,
  nodes: ReadonlyMap<number, ProfileNode>,
  parents: ReadonlyMap<number, number>,
): ProfileNode[] {
  const stack: ProfileNode[] = [];
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const node = nodes.get(at);
    if (node !== undefined) stack.push(node);
  }
  return stack;
}

function describePlace({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name} ${shortenUrl(url)}:${lineNumber + 1}`;
}

/** `src/s3/sign`, `undici`, `node:http`; V8's own work by its name. */
function namePart(stack: readonly ProfileNode[]): string {
  const [top] = stack;
  if (top?.callFrame.functionName === '(garbage collector)') return '(garbage collector)';
  const url = shortenUrl(stack.find(({ callFrame }) => callFrame.url !== '')?.callFrame.url ?? '');
  if (url.startsWith('src/')) return url.slice(0, url.lastIndexOf('/'));
  if (url.startsWith('wasm:')) return 'undici (WebAssembly)';
  const modules = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return modules ?? (url === '' ? '(Node and V8)' : url.replace(/^node:internal\//, 'node:'));
}

function shortenUrl(url: string): string {
  return url.replace(/^file:\/\//, '').replace(/^.*?\/(src|node_modules)\//, '$1/');
}
