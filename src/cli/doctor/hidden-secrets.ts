const SHORTEST_SECRET = 8;

/** Knows the secrets that came by, and takes them out of what is said: the last wall, as no check says one. */
export class HiddenSecrets {
  readonly #secrets = new Set<string>();

  add(secret: string | undefined): void {
    // A shorter one would blank ordinary words.
    if (secret === undefined || secret.length < SHORTEST_SECRET) return;
    this.#secrets.add(secret).add(encodeURIComponent(secret));
  }

  /** The same result with every secret in its texts made `…`. */
  hideIn<T extends object>(result: T): T {
    const entries = Object.entries(result).map(([name, value]: [string, unknown]) => [
      name,
      this.#hide(value),
    ]);
    return Object.fromEntries(entries) as T;
  }

  #hide(value: unknown): unknown {
    if (typeof value === 'object' && value !== null) return this.hideIn(value);
    if (typeof value !== 'string') return value;
    let text = value;
    for (const secret of this.#secrets) text = text.replaceAll(secret, '…');
    return text;
  }
}
