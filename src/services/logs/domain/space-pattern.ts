import type { FilterPattern } from './filter-pattern.ts';
import { readConditions, type Condition } from './pattern-logic.ts';
import type { PatternReader } from './pattern-reader.ts';
import { compares, readOperator, readValue } from './pattern-value.ts';

interface Field {
  readonly name: string;
  readonly holds: Condition<string>;
}

const BARE_VALUE = /[^\s"%&|(),[\]]+/y;
/** A field of a message: in brackets, in quotes, or up to the next space. */
const FIELD = /\[([^\]]*)\]|"([^"]*)"|(\S+)/g;

/** `[ip, user, ..., status = 4* && status != 404, bytes > 1000]`: of messages with just these fields; `...` is any number. */
export function parseSpacePattern(reader: PatternReader): FilterPattern {
  reader.expect('[');
  const before: Field[] = [];
  let after: Field[] | undefined;
  do {
    if (reader.take('...')) {
      if (after) reader.fail();
      after = [];
    } else (after ?? before).push(readField(reader));
  } while (reader.take(','));
  reader.expect(']');
  if (!reader.isAtEnd) reader.fail();
  const assign = (message: string) => assigned(fieldsOf(message), before, after);
  return {
    matches: (message) => assign(message)?.every(([field, text]) => field.holds(text)) ?? false,
    extract: (message) => Object.fromEntries((assign(message) ?? []).map(([field, text]) => [`$${field.name}`, text])),
  };
}

/** Its name, and what its text must be: the name is said again in each condition. */
function readField(reader: PatternReader): Field {
  let name: string | undefined;
  const readOne = (): Condition<string> => {
    const [said] = reader.next(/[A-Za-z_]\w*/y) ?? reader.fail();
    if (name !== undefined && name !== said) reader.fail();
    name = said;
    const operator = readOperator(reader);
    if (operator === undefined) return () => true;
    const value = readValue(reader, BARE_VALUE);
    return (text) => compares(text, operator, value);
  };
  const holds = readConditions(reader, readOne);
  return { name: name ?? '', holds };
}

function assigned(
  texts: readonly string[],
  before: readonly Field[],
  after: readonly Field[] | undefined,
): readonly (readonly [Field, string])[] | undefined {
  const needed = before.length + (after?.length ?? 0);
  if (after ? texts.length < needed : texts.length !== needed) return undefined;
  const skipped = texts.length - needed;
  return [...before, ...(after ?? [])].map((field, at) => [field, texts[at < before.length ? at : at + skipped] ?? '']);
}

function fieldsOf(message: string): string[] {
  return [...message.matchAll(FIELD)].map(([, bracketed, quoted, bare]) => bracketed ?? quoted ?? bare ?? '');
}
