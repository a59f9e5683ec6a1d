type Attributes = ReadonlyMap<string, string>;

interface Shared {
  readonly attributes: Attributes;
  users: number;
}

/**
 * Gives instances with the same attributes one and the same map of them. Most instances of a cluster are alike, so that
 * what follows from attributes is found out once for each kind of instance.
 */
export class AttributeSets {
  readonly #byKey = new Map<string, Shared>();
  readonly #keys = new Map<string, string>();

  /** @param user who has these attributes from now on, and no others */
  share(user: string, attributes: Attributes): Attributes {
    const key = JSON.stringify([...attributes].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const shared = this.#byKey.get(key) ?? { attributes, users: 0 };
    shared.users += 1;
    this.release(user);
    this.#byKey.set(key, shared);
    this.#keys.set(user, key);
    return shared.attributes;
  }

  release(user: string): void {
    const key = this.#keys.get(user);
    if (key === undefined) return;
    this.#keys.delete(user);
    const shared = this.#byKey.get(key);
    if (!shared) return;
    shared.users -= 1;
    if (shared.users === 0) this.#byKey.delete(key);
  }
}
