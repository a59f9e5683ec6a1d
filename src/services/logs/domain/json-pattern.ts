import type { FilterPattern } from './filter-pattern.ts';
import { readConditions, type Condition } from './pattern-logic.ts';
import type { PatternReader } from './pattern-reader.ts';
import { compares, readOperator, readValue, type Operator, type PatternValue } from './pattern-value.ts';

/** A property's name, an array's index, or `*` for each of either. */
type Step = string | number | typeof EACH;

const EACH = Symbol('each');
const BARE_VALUE = /[^\s"%&|(){}]+/y;

/**
 * `{ $.user.id = 1 && ($.items[0].name = "a*" || $.error NOT EXISTS) }`: of events that are JSON. A property that is
 * not there meets no comparison, `!=` neither.
 */
export function parseJsonPattern(reader: PatternReader): FilterPattern {
  const selectors = new Map<string, readonly Step[]>();
  reader.expect('{');
  const condition = readConditions(reader, () => readCondition(reader, selectors));
  reader.expect('}');
  if (!reader.isAtEnd) reader.fail();
  return {
    matches: (message) => {
      const event = parsed(message);
      return event !== undefined && condition(event);
    },
    extract: (message) =>
      Object.fromEntries(
        [...selectors].flatMap(([name, steps]) => {
          const [found] = select(parsed(message), steps);
          return found === undefined ? [] : [[name, typeof found === 'string' ? found : JSON.stringify(found)]];
        }),
      ),
  };
}

function readCondition(reader: PatternReader, selectors: Map<string, readonly Step[]>): Condition<unknown> {
  const { name, steps } = readSelector(reader);
  selectors.set(name, steps);
  const words = reader.next(/(?:IS\s+(NULL|TRUE|FALSE)|(NOT\s+EXISTS)|EXISTS)(?![A-Za-z0-9_])/iy);
  if (words) {
    const [, is, absent] = words;
    if (absent !== undefined) return (event) => select(event, steps).length === 0;
    if (is === undefined) return (event) => select(event, steps).length > 0;
    const wanted: unknown = JSON.parse(is.toLowerCase());
    return (event) => select(event, steps).includes(wanted);
  }
  const operator = readOperator(reader) ?? reader.fail();
  const value = readValue(reader, BARE_VALUE);
  return (event) => select(event, steps).some((found) => holds(found, operator, value));
}

function holds(found: unknown, operator: Operator, value: PatternValue): boolean {
  if (value.any) return operator === '=';
  if (found === null || typeof found === 'object') return operator === '!=' && found === null;
  // Text in quotes is no number.
  if (typeof found === 'string' && operator !== '=' && operator !== '!=') return false;
  return compares(typeof found === 'string' ? found : JSON.stringify(found), operator, value);
}

/** `$.a.b[0].c`, `$['a.b'].c`, `$.list[*]`, `$.*`. */
function readSelector(reader: PatternReader): { name: string; steps: readonly Step[] } {
  let name = reader.next(/\$/y)?.[0] ?? reader.fail();
  const steps: Step[] = [];
  for (;;) {
    const step = reader.next(/\.?\[\s*(?:(\d{1,9})|'([^']*)'|"([^"]*)"|(\*))\s*\]|\.(?:([A-Za-z0-9_@-]+)|(\*))/y);
    if (!step) break;
    const [whole, index, single, double, eachItem, property, eachProperty] = step;
    name += whole;
    if (index !== undefined) steps.push(Number(index));
    else steps.push((eachItem ?? eachProperty) === undefined ? (property ?? single ?? double ?? '') : EACH);
  }
  return steps.length > 0 ? { name, steps } : reader.fail();
}

function select(event: unknown, steps: readonly Step[]): readonly unknown[] {
  let found: readonly unknown[] = event === undefined ? [] : [event];
  for (const step of steps) found = found.flatMap((value) => membersOf(value, step));
  return found;
}

function membersOf(value: unknown, step: Step): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (step === EACH) return Object.values(value);
  if ((typeof step === 'number') !== Array.isArray(value)) return [];
  return Object.hasOwn(value, step) ? [(value as Readonly<Record<string | number, unknown>>)[step]] : [];
}

function parsed(message: string): unknown {
  if (!/^\s*[{[]/.test(message)) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
