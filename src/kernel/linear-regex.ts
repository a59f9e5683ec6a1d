import { parseRegex, RegexProblem, type RegexNode } from './regex-syntax.ts';

export { RegexProblem } from './regex-syntax.ts';

/** So long may a program be: repetitions are written out. Each character of a line may cost so many steps. */
const MOST_STEPS = 2500;

type Step =
  | { readonly kind: 'char'; readonly test: (code: number) => boolean }
  | { readonly kind: 'assert'; readonly holds: (before: number | undefined, after: number | undefined) => boolean }
  | { readonly kind: 'split'; targets: readonly number[] };

/**
 * Regular expressions of the kind that Go's RE2 takes, for patterns that strangers give: the time for a match grows with
 * the text's length times the pattern's, never faster, where JavaScript's own may take for ever.
 */
export class LinearRegex {
  readonly #steps: readonly Step[];
  /** Room for one match at a time, made once: a log has many lines. */
  readonly #active: number[] = [];
  readonly #found: number[] = [];
  readonly #open: number[] = [];
  #activeCount = 0;
  #foundCount = 0;
  /** In which turn each step was reached last. */
  readonly #seenIn: Float64Array;
  #turn = 0;

  /** @throws RegexProblem for what is no pattern, or too long a one */
  constructor(pattern: string) {
    const steps: Step[] = [];
    write(parseRegex(pattern), steps);
    if (steps.length > MOST_STEPS) throw new RegexProblem('expression nests or repeats too much');
    this.#steps = steps;
    this.#seenIn = new Float64Array(steps.length + 1);
  }

  /** Whether it matches anywhere in the text. */
  test(text: string): boolean {
    let before: number | undefined;
    this.#activeCount = 0;
    for (let at = 0; ;) {
      const code = text.codePointAt(at);
      if (this.#reach(before, code)) return true;
      if (code === undefined) return false;
      this.#advance(code);
      before = code;
      at += code > 0xff_ff ? 2 : 1;
    }
  }

  /** From what is active and the beginning to the characters' steps without a character; whether the end is reached. */
  #reach(before: number | undefined, after: number | undefined): boolean {
    const steps = this.#steps;
    const open = this.#open;
    this.#turn += 1;
    this.#foundCount = 0;
    let size = this.#activeCount;
    for (let i = 0; i < size; i++) open[i] = this.#active[i] ?? 0;
    open[size++] = 0;
    while (size > 0) {
      const index = open[--size] ?? 0;
      if (this.#seenIn[index] === this.#turn) continue;
      this.#seenIn[index] = this.#turn;
      const step = steps[index];
      if (step === undefined) return true;
      if (step.kind === 'char') this.#found[this.#foundCount++] = index;
      else if (step.kind === 'assert') {
        if (step.holds(before, after)) open[size++] = index + 1;
      } else for (const target of step.targets) open[size++] = target;
    }
    return false;
  }

  #advance(code: number): void {
    this.#activeCount = 0;
    for (let i = 0; i < this.#foundCount; i++) {
      const index = this.#found[i] ?? 0;
      const step = this.#steps[index];
      if (step?.kind === 'char' && step.test(code)) this.#active[this.#activeCount++] = index + 1;
    }
  }
}

/** Each node's steps end where the next node's begin. */
function write(node: RegexNode, steps: Step[]): void {
  if (steps.length > MOST_STEPS) throw new RegexProblem('expression nests or repeats too much');
  switch (node.kind) {
    case 'char':
    case 'assert':
      steps.push(node);
      return;
    case 'sequence':
      for (const item of node.items) write(item, steps);
      return;
    case 'choice':
      return writeChoice(node.items, steps);
    case 'repeat':
      return writeRepeat(node, steps);
  }
}

function writeChoice(items: readonly RegexNode[], steps: Step[]): void {
  const split = { kind: 'split' as const, targets: [] as number[] };
  steps.push(split);
  const jumps: { kind: 'split'; targets: readonly number[] }[] = [];
  for (const item of items) {
    split.targets.push(steps.length);
    write(item, steps);
    const jump = { kind: 'split' as const, targets: [] };
    jumps.push(jump);
    steps.push(jump);
  }
  for (const jump of jumps) jump.targets = [steps.length];
}

function writeRepeat({ item, min, max }: Extract<RegexNode, { kind: 'repeat' }>, steps: Step[]): void {
  for (let count = 0; count < min; count++) write(item, steps);
  if (max === Infinity) {
    const loop: Step = { kind: 'split', targets: [] };
    const start = steps.push(loop) - 1;
    write(item, steps);
    steps.push({ kind: 'split', targets: [start] });
    loop.targets = [start + 1, steps.length];
    return;
  }
  const exits: { kind: 'split'; targets: readonly number[] }[] = [];
  for (let count = min; count < max; count++) {
    const exit = { kind: 'split' as const, targets: [steps.length + 1] };
    exits.push(exit);
    steps.push(exit);
    write(item, steps);
  }
  for (const exit of exits) exit.targets = [...exit.targets, steps.length];
}
