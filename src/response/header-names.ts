interface HeaderName {
  readonly canonical: string;
  readonly lower: string;
}

/** A few names of headers, to be found in whatever case they come. */
export class HeaderNames {
  readonly all: readonly string[];
  /**
   * By their length, which tells most others apart. A table of hashes would have V8 enter each name that was just read off
   * a connection into its own table of names first, which costs three times as much.
   */
  readonly #byLength: HeaderName[][] = [];

  /** @param names - as they are to be written */
  constructor(names: readonly string[]) {
    this.all = names;
    const longest = Math.max(...names.map(({ length }) => length));
    for (let length = 0; length <= longest; length += 1) {
      const sameLength = names.filter((name) => name.length === length);
      this.#byLength.push(sameLength.map((canonical) => ({ canonical, lower: canonical.toLowerCase() })));
    }
  }

  /** @returns the name as it is to be written; undefined for any other */
  find(name: string): string | undefined {
    const candidates = this.#byLength[name.length];
    if (candidates === undefined) return undefined;
    for (const { canonical, lower } of candidates)
      if (name === canonical || name.toLowerCase() === lower) return canonical;
    return undefined;
  }
}
