import type { Config, Route } from '../config/config.ts';
import type { FetchCounts } from '../telemetry/owner-metrics.ts';
import type { CredentialManager, CredentialStatus } from './credential-manager.ts';
import { type CredentialGroup, groupCredentials } from './group-credentials.ts';
import { openCredentialGroup, type OpenGroup, type OpenGroupOptions } from './open-credential-group.ts';

/** The sources that one configuration signs with. */
export interface CredentialLease {
  /** In the order of `groupCredentials`. */
  readonly managers: readonly CredentialManager[];
  forRoute(route: Route): CredentialManager;
  /** By the keys of the groups. */
  readonly byKey: ReadonlyMap<string, CredentialManager>;
  /** Waits until those that this lease has opened were asked once. @returns those that have brought nothing */
  findEmpty(): Promise<readonly CredentialStatus[]>;
  /** Those that nobody else signs with are closed. */
  release(): void;
}

interface PooledGroup extends OpenGroup {
  leases: number;
}

/** The open credential sources of a daemon: two configurations that name the same one share it. */
export class CredentialPool {
  readonly #options: OpenGroupOptions;
  readonly #groups = new Map<string, PooledGroup>();
  /** Of those that are closed, by source. */
  readonly #former = new Map<string, FetchCounts>();

  constructor(options: OpenGroupOptions) {
    this.#options = options;
  }

  /** Opens those sources of a configuration that are not open; waits for none of them. */
  lease(config: Config): CredentialLease {
    const { groups, indexOf } = groupCredentials(config);
    const taken = groups.map((group) => ({ key: group.key, pooled: this.#take(group) }));
    const opened = taken.map(({ pooled }) => pooled).filter(({ leases }) => leases === 1);
    const managers = taken.map(({ pooled }) => pooled.manager);
    let isReleased = false;
    return {
      managers,
      forRoute: (route) => {
        const manager = managers[indexOf(route)];
        if (manager === undefined) throw new Error(`the route ${route.path} has no credentials`);
        return manager;
      },
      byKey: new Map(taken.map(({ key, pooled }) => [key, pooled.manager])),
      findEmpty: async () => {
        await Promise.all(opened.map(({ firstFetch }) => firstFetch));
        return opened.map(({ manager }) => manager.status()).filter(({ keyId }) => keyId === undefined);
      },
      release: () => {
        if (!isReleased) for (const { key } of taken) this.#giveBack(key);
        isReleased = true;
      },
    };
  }

  /** Of all sources that were ever opened: sums of these never go back. */
  get fetches(): readonly FetchCounts[] {
    return [...this.#former.values(), ...[...this.#groups.values()].map(({ manager }) => manager.status())];
  }

  find(key: string): CredentialManager | undefined {
    return this.#groups.get(key)?.manager;
  }

  /** Asks every source now. */
  refresh(): void {
    for (const { manager } of this.#groups.values()) void manager.refresh();
  }

  close(): void {
    for (const { close } of this.#groups.values()) close();
    this.#groups.clear();
  }

  #take(group: CredentialGroup): PooledGroup {
    const pooled = this.#groups.get(group.key) ?? { ...openCredentialGroup(group, this.#options), leases: 0 };
    this.#groups.set(group.key, pooled);
    pooled.leases += 1;
    return pooled;
  }

  #giveBack(key: string): void {
    const pooled = this.#groups.get(key);
    if (pooled === undefined) return;
    pooled.leases -= 1;
    if (pooled.leases > 0) return;
    this.#groups.delete(key);
    pooled.close();
    const { source, refreshes, failures } = pooled.manager.status();
    const before = this.#former.get(source) ?? { source, refreshes: 0, failures: 0 };
    this.#former.set(source, {
      source,
      refreshes: before.refreshes + refreshes,
      failures: before.failures + failures,
    });
  }
}
