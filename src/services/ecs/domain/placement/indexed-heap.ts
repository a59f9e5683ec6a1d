/** Below zero where `a` comes before `b`. */
export type Compare = (a: number, b: number) => number;

/**
 * A binary heap of small whole numbers that knows where each of them is: what changed its rank is put right in
 * logarithmic time. The first of all is at the top.
 */
export class IndexedHeap {
  readonly #compare: Compare;
  readonly #items: number[] = [];
  /** By item; -1 or nothing where it is in no heap. */
  readonly #places: number[];

  /** @param places may be shared by heaps that have no item in common */
  constructor(compare: Compare, places: number[] = []) {
    this.#compare = compare;
    this.#places = places;
  }

  get size(): number {
    return this.#items.length;
  }

  get top(): number | undefined {
    return this.#items[0];
  }

  /** In no particular order but for the first. */
  get items(): readonly number[] {
    return this.#items;
  }

  /** Adds it, or puts it where its changed rank belongs. */
  put(item: number): void {
    const known = this.#places[item] ?? -1;
    const place = known < 0 ? this.#items.push(item) - 1 : known;
    this.#places[item] = place;
    if (this.#rise(place) === place) this.#sink(place);
  }

  delete(item: number): void {
    const place = this.#places[item] ?? -1;
    if (place < 0) return;
    this.#places[item] = -1;
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#set(place, last);
    if (this.#rise(place) === place) this.#sink(place);
  }

  /** The top and what ranks as it does, up to so many, by a comparison that may tell fewer apart. */
  ties(most: number, isTie: Compare): number[] {
    const [top] = this.#items;
    if (top === undefined) return [];
    const found: number[] = [];
    const places = [0];
    // A child can tie with the top only where its parent does.
    for (let next = places.pop(); next !== undefined && found.length < most; next = places.pop()) {
      const item = this.#items[next];
      if (item === undefined || isTie(top, item) !== 0) continue;
      found.push(item);
      places.push(2 * next + 1, 2 * next + 2);
    }
    return found;
  }

  #set(place: number, item: number): void {
    this.#items[place] = item;
    this.#places[item] = place;
  }

  #rise(from: number): number {
    const item = this.#items[from] ?? 0;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#items[above] ?? 0;
      if (this.#compare(item, parent) >= 0) break;
      this.#set(place, parent);
      place = above;
    }
    if (place !== from) this.#set(place, item);
    return place;
  }

  #sink(from: number): void {
    const item = this.#items[from] ?? 0;
    const size = this.#items.length;
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= size) break;
      if (below + 1 < size && this.#compare(this.#items[below + 1] ?? 0, this.#items[below] ?? 0) < 0) below += 1;
      const child = this.#items[below] ?? 0;
      if (this.#compare(item, child) <= 0) break;
      this.#set(place, child);
      place = below;
    }
    if (place !== from) this.#set(place, item);
  }
}
