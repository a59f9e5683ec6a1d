import { hasRoom, suits } from './filters.ts';
import { IndexedHeap } from './indexed-heap.ts';
import { compareIds } from './instance.ts';
import type { Demand, Instance } from './instance.ts';
import { ownRank, rankingOf, valueOf } from './ranks.ts';
import type { Ranking } from './ranks.ts';

/** Equals that a draw is made from, where there are more. */
const MOST_DRAWN = 64;

/** Eligible instances that have the same values of every attribute that is spread over: these rank alike together. */
interface Cell {
  readonly id: number;
  /** By level; '' for a level of another kind. */
  readonly values: readonly string[];
  readonly slots: IndexedHeap;
}

/** What follows from a set of attributes. */
interface Kind {
  readonly values: readonly string[];
  /** None where its instances do not meet the requirements. */
  readonly cell: Cell | undefined;
}

/** Tasks of the group on an instance, as they were counted. */
interface Counted {
  readonly count: number;
  readonly values: readonly string[];
}

/**
 * The instances that one kind of task could go to, in order. It is told of each instance that changed, and looks at no
 * other: a change costs logarithmic time, the answer none.
 *
 * Instances are in heaps by cell, and the cells in a heap by their first. A task more in a zone changes the rank of that
 * zone's cells and of the instance it is on, and of nothing else.
 */
export class Pool {
  readonly #instances: readonly (Instance | undefined)[];
  readonly #demand: Demand;
  readonly #ranking: Ranking;
  /** By level, then by slot. */
  readonly #ranks: readonly number[][];
  readonly #counts: readonly Map<string, number>[];
  readonly #counted = new Map<number, Counted>();
  readonly #cells: Cell[] = [];
  /** By the map of attributes, which instances of a kind share. */
  readonly #kinds = new WeakMap<ReadonlyMap<string, string>, Kind>();
  readonly #cellsByValues = new Map<string, Cell>();
  /** By level, then by value. */
  readonly #cellsByValue: readonly Map<string, Cell[]>[];
  readonly #cellOf: (Cell | undefined)[] = [];
  readonly #places: number[] = [];
  /** By slot: when its instance registered, and the ID. */
  readonly #ages: number[] = [];
  readonly #ids: string[] = [];
  readonly #order = new IndexedHeap(
    (a, b) => this.#compareCells(a, b) || this.#compareAges(this.#topOf(a), this.#topOf(b)),
  );
  readonly #isCounting: boolean;

  /** Empty until it is told of each instance. */
  constructor(instances: readonly (Instance | undefined)[], demand: Demand) {
    this.#instances = instances;
    this.#demand = demand;
    this.#ranking = rankingOf(demand.strategies);
    const { levels } = this.#ranking;
    this.#ranks = levels.map(() => []);
    this.#counts = levels.map(() => new Map<string, number>());
    this.#cellsByValue = levels.map(() => new Map<string, Cell[]>());
    this.#isCounting = levels.some(({ kind }) => kind === 'value');
  }

  /** All that are eligible, in no order. */
  slots(): number[] {
    return this.#cells.flatMap(({ slots }) => slots.items);
  }

  /** Looks at an instance that changed, came or went. */
  refresh(slot: number): void {
    const instance = this.#instances[slot];
    if (this.#isCounting) this.#recount(slot, instance);
    const before = this.#cellOf[slot];
    const cell = instance && hasRoom(instance, this.#demand) ? this.#kindOf(instance).cell : undefined;
    if (before && before !== cell) {
      before.slots.delete(slot);
      this.#reorder(before);
    }
    this.#cellOf[slot] = cell;
    if (!cell || !instance) return;
    this.#rank(slot, instance);
    cell.slots.put(slot);
    this.#reorder(cell);
  }

  /**
   * The slot of the first by the strategies.
   * @param draw a whole number below the given one
   */
  best(draw: (below: number) => number): number | undefined {
    const first = this.#cells[this.#order.top ?? -1];
    if (!first || !this.#ranking.isRandom) return first?.slots.top;
    if (this.#ranking.levels.length === 0) return first.slots.items[draw(first.slots.size)];
    const cells = this.#order.ties(MOST_DRAWN, (a, b) => this.#compareCells(a, b));
    const cell = this.#cells[cells[draw(cells.length)] ?? first.id] ?? first;
    const slots = cell.slots.ties(MOST_DRAWN, (a, b) => this.#compareSlots(a, b));
    return slots[draw(slots.length)];
  }

  #rank(slot: number, instance: Instance): void {
    this.#ages[slot] = instance.facts.registeredAtMs;
    this.#ids[slot] = instance.facts.id;
    this.#ranking.levels.forEach((level, index) => {
      const ranks = this.#ranks[index];
      if (ranks) ranks[slot] = ownRank(instance, level, this.#demand.group);
    });
  }

  #recount(slot: number, instance: Instance | undefined): void {
    const before = this.#counted.get(slot);
    const count = instance?.groups.get(this.#demand.group) ?? 0;
    if (!before && count === 0) return;
    const values = instance && count > 0 ? this.#kindOf(instance).values : [];
    const cells = new Set([...this.#cellsWith(before?.values ?? []), ...this.#cellsWith(values)]);
    // Several ranks change at once: a heap bears one change at a time.
    for (const cell of cells) this.#order.delete(cell.id);
    if (before) this.#add(before.values, -before.count);
    if (count > 0) {
      this.#counted.set(slot, { count, values });
      this.#add(values, count);
    } else this.#counted.delete(slot);
    for (const cell of cells) this.#reorder(cell);
  }

  #add(values: readonly string[], by: number): void {
    values.forEach((value, index) => {
      const counts = this.#counts[index];
      counts?.set(value, (counts.get(value) ?? 0) + by);
    });
  }

  /** The cells whose rank depends on how many tasks these values have. */
  #cellsWith(values: readonly string[]): Cell[] {
    return values.flatMap((value, index) =>
      this.#ranking.levels[index]?.kind === 'value' ? (this.#cellsByValue[index]?.get(value) ?? []) : [],
    );
  }

  #reorder(cell: Cell): void {
    if (cell.slots.size > 0) this.#order.put(cell.id);
    else this.#order.delete(cell.id);
  }

  #kindOf(instance: Instance): Kind {
    const known = this.#kinds.get(instance.attributes);
    if (known) return known;
    const values = this.#ranking.levels.map((level) =>
      level.kind === 'value' ? valueOf(instance, level.attribute) : '',
    );
    const kind = { values, cell: suits(instance, this.#demand) ? this.#cellOfValues(values) : undefined };
    this.#kinds.set(instance.attributes, kind);
    return kind;
  }

  #cellOfValues(values: readonly string[]): Cell {
    const key = values.join('\0');
    const known = this.#cellsByValues.get(key);
    if (known) return known;
    const slots = new IndexedHeap((a, b) => this.#compareSlots(a, b) || this.#compareAges(a, b), this.#places);
    const cell: Cell = { id: this.#cells.length, values, slots };
    this.#cells.push(cell);
    this.#cellsByValues.set(key, cell);
    values.forEach((value, index) => {
      const cells = this.#cellsByValue[index];
      cells?.set(value, [...(cells.get(value) ?? []), cell]);
    });
    return cell;
  }

  #compareSlots(a: number, b: number): number {
    for (const ranks of this.#ranks) {
      const difference = (ranks[a] ?? 0) - (ranks[b] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** Among equals, which are never the same. */
  #compareAges(a: number, b: number): number {
    return (this.#ages[a] ?? 0) - (this.#ages[b] ?? 0) || compareIds(this.#ids[a] ?? '', this.#ids[b] ?? '');
  }

  #compareCells(a: number, b: number): number {
    const [left, right] = [this.#cells[a], this.#cells[b]];
    if (!left || !right) return 0;
    for (let index = 0; index < this.#ranks.length; index++) {
      const difference = this.#cellRank(left, index) - this.#cellRank(right, index);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  #cellRank(cell: Cell, index: number): number {
    if (this.#ranking.levels[index]?.kind === 'value') return this.#counts[index]?.get(cell.values[index] ?? '') ?? 0;
    return this.#ranks[index]?.[cell.slots.top ?? -1] ?? 0;
  }

  #topOf(cell: number): number {
    return this.#cells[cell]?.slots.top ?? 0;
  }
}
