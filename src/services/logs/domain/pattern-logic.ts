import type { PatternReader } from './pattern-reader.ts';

export type Condition<T> = (subject: T) => boolean;

const DEEPEST = 100;

/** Conditions joined by `||` and `&&` (which binds closer), and parentheses. `readOne` reads one condition. */
export function readConditions<T>(reader: PatternReader, readOne: () => Condition<T>, depth = 0): Condition<T> {
  if (depth > DEEPEST) reader.fail();
  const either = [readAll(reader, readOne, depth)];
  while (reader.take('||')) either.push(readAll(reader, readOne, depth));
  return (subject) => either.some((holds) => holds(subject));
}

function readAll<T>(reader: PatternReader, readOne: () => Condition<T>, depth: number): Condition<T> {
  const all: Condition<T>[] = [];
  do {
    if (reader.take('(')) {
      all.push(readConditions(reader, readOne, depth + 1));
      reader.expect(')');
    } else all.push(readOne());
  } while (reader.take('&&'));
  return (subject) => all.every((holds) => holds(subject));
}
