import { invalid } from '../errors.ts';
import type { Expression } from './expression-syntax.ts';

/** By the start of the period, in ms. */
export type Series = ReadonlyMap<number, number>;
export type Value = number | Series | readonly Series[] | string;

export interface MathWorld {
  /** The value of another question, by its id. */
  readonly valueOf: (id: string) => Value;
  /** The questions that are metrics, not expressions, in order. */
  readonly metrics: () => readonly (readonly [id: string, series: Series])[];
  /** Every period of the question's time. */
  readonly times: readonly number[];
  readonly periodMs: number;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html */
export function evaluateExpression(expression: Expression, world: MathWorld): Value {
  switch (expression.kind) {
    case 'number':
    case 'text':
      return expression.value;
    case 'id':
      return world.valueOf(expression.id);
    case 'list':
      return expression.items.flatMap((item) => seriesIn(evaluateExpression(item, world)));
    case 'binary': {
      const operate = OPERATORS[expression.operator];
      if (!operate) throw invalid(`The operator ${expression.operator} is not valid.`);
      const { left, right } = expression;
      return combine(evaluateExpression(left, world), evaluateExpression(right, world), operate);
    }
    default:
      return call(
        expression.name,
        expression.arguments.map((one) => evaluateExpression(one, world)),
        world,
      );
  }
}

type Operate = (a: number, b: number) => number;

const truth = (is: boolean) => (is ? 1 : 0);
const OPERATORS: Readonly<Record<string, Operate>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '<': (a, b) => truth(a < b),
  '>': (a, b) => truth(a > b),
  '<=': (a, b) => truth(a <= b),
  '>=': (a, b) => truth(a >= b),
  '==': (a, b) => truth(a === b),
  '!=': (a, b) => truth(a !== b),
  AND: (a, b) => truth(a !== 0 && b !== 0),
  '&&': (a, b) => truth(a !== 0 && b !== 0),
  OR: (a, b) => truth(a !== 0 || b !== 0),
  '||': (a, b) => truth(a !== 0 || b !== 0),
};

/** Of two series, the periods that both have; what is no number (a division by zero) is left out. */
function combine(left: Value, right: Value, operate: Operate): Value {
  if (typeof left === 'string' || typeof right === 'string') throw invalid('A text is no operand.');
  if (isList(left) && isList(right)) {
    if (left.length !== right.length) throw invalid('Two lists of time series must have the same length.');
    return left.map((one, index) => pair(one, right[index] ?? new Map<number, number>(), operate));
  }
  if (isList(left)) return left.map((one) => pair(one, right as number | Series, operate));
  if (isList(right)) return right.map((one) => pair(left, one, operate));
  return typeof left === 'number' && typeof right === 'number' ? operate(left, right) : pair(left, right, operate);
}

function pair(left: number | Series, right: number | Series, operate: Operate): Series {
  if (typeof left === 'number' && typeof right === 'number') return new Map();
  const times = typeof left === 'number' ? (right as Series).keys() : left.keys();
  const out = new Map<number, number>();
  for (const at of times) {
    const [a, b] = [valueAt(left, at), valueAt(right, at)];
    if (a === undefined || b === undefined) continue;
    const value = operate(a, b);
    if (Number.isFinite(value)) out.set(at, value);
  }
  return out;
}

const valueAt = (value: number | Series, at: number) => (typeof value === 'number' ? value : value.get(at));

function call(name: string, given: readonly Value[], world: MathWorld): Value {
  const [first, second, third] = given;
  switch (name) {
    case 'METRICS':
      return metricsNamed(world, first);
    case 'FILL':
      return each(need(first), (series) => fill(series, need(second), world));
    case 'IF':
      return conditional(need(first), need(second), third, world);
    case 'PERIOD':
      return world.periodMs / 1000;
    case 'RATE':
      return each(need(first), (series) => differences(series, (change, ms) => change / (ms / 1000)));
    case 'DIFF':
      return each(need(first), (series) => differences(series, (change) => change));
    case 'ABS':
      return mapped(need(first), Math.abs);
    case 'CEIL':
      return mapped(need(first), Math.ceil);
    case 'FLOOR':
      return mapped(need(first), Math.floor);
    default:
      return aggregate(name, given);
  }
}

function need(value: Value | undefined): Value {
  if (value === undefined) throw invalid('A function of the expression lacks an argument.');
  return value;
}

function metricsNamed(world: MathWorld, part: Value | undefined): readonly Series[] {
  return world
    .metrics()
    .filter(([id]) => typeof part !== 'string' || id.includes(part))
    .map(([, series]) => series);
}

const REDUCERS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SUM: (values) => values.reduce((all, value) => all + value, 0),
  AVG: (values) => values.reduce((all, value) => all + value, 0) / values.length,
  // A long series has more values than a call takes arguments.
  MIN: (values) => values.reduce((least, value) => Math.min(least, value)),
  MAX: (values) => values.reduce((most, value) => Math.max(most, value)),
};

/** Of one series a number; of several a series, with the periods that any of them has. */
function aggregate(name: string, given: readonly Value[]): Value {
  const reduce = REDUCERS[name];
  const [only] = given;
  if (!reduce || only === undefined) throw invalid(`The function ${name} lacks an argument.`);
  if (given.every((one) => typeof one === 'number')) return reduce(given);
  if (given.length === 1 && !isList(only)) {
    const values = seriesIn(only).flatMap((series) => [...series.values()]);
    return values.length === 0 ? Number.NaN : reduce(values);
  }
  const all = given.flatMap(seriesIn);
  const times = [...new Set(all.flatMap((series) => [...series.keys()]))].toSorted((a, b) => a - b);
  return new Map(times.map((at) => [at, reduce(all.flatMap((series) => series.get(at) ?? []))]));
}

function fill(series: Series, filling: Value, { times }: MathWorld): Series {
  const known = [...series].toSorted(([a], [b]) => a - b);
  return new Map(
    times.flatMap((at) => {
      const value = series.get(at) ?? filler(at, filling, known);
      return value === undefined ? [] : [[at, value] as const];
    }),
  );
}

function filler(at: number, filling: Value, known: readonly (readonly [number, number])[]): number | undefined {
  if (typeof filling === 'number') return filling;
  if (filling instanceof Map) return filling.get(at);
  const before = known.findLast(([time]) => time < at);
  if (filling === 'REPEAT') return before?.[1];
  if (filling !== 'LINEAR') throw invalid('FILL takes a number, a time series, REPEAT or LINEAR.');
  const after = known.find(([time]) => time > at);
  if (!before || !after) return undefined;
  return before[1] + ((after[1] - before[1]) * (at - before[0])) / (after[0] - before[0]);
}

/**
 * Where a period lacks the condition, it lacks the answer. Without a third argument, so does one where it is false. The
 * answer is a number where all three are: that never depends on what the condition says.
 */
function conditional(condition: Value, yes: Value, no: Value | undefined, { times }: MathWorld): Value {
  if (isList(condition) || isList(yes) || isList(no) || typeof condition === 'string') {
    throw invalid('IF takes numbers and single time series.');
  }
  if (typeof yes === 'string' || typeof no === 'string') throw invalid('IF takes no texts.');
  if (typeof condition === 'number') {
    const chosen = (condition === 0 ? no : yes) ?? new Map<number, number>();
    const isNumber = typeof yes === 'number' && typeof no === 'number';
    return isNumber || typeof chosen !== 'number' ? chosen : constant(chosen, times);
  }
  return new Map(
    [...condition].flatMap(([at, is]) => {
      const chosen = is === 0 ? no : yes;
      const value = chosen === undefined ? undefined : valueAt(chosen, at);
      return value === undefined ? [] : [[at, value] as const];
    }),
  );
}

function constant(value: number, times: readonly number[]): Series {
  return new Map(Number.isFinite(value) ? times.map((at) => [at, value] as const) : []);
}

function differences(series: Series, per: (change: number, ms: number) => number): Series {
  const known = [...series].toSorted(([a], [b]) => a - b);
  return new Map(
    known.slice(1).map(([at, value], index) => {
      const [beforeAt, before] = known[index] ?? [at, value];
      return [at, per(value - before, at - beforeAt)] as const;
    }),
  );
}

function mapped(value: Value, change: (value: number) => number): Value {
  if (typeof value === 'number') return change(value);
  return each(value, (series) => new Map([...series].map(([at, one]) => [at, change(one)])));
}

function each(value: Value, change: (series: Series) => Series): Value {
  if (isList(value)) return value.map(change);
  if (!(value instanceof Map)) throw invalid('The function takes time series.');
  return change(value);
}

/** A value as the series in it; a number or a text has none. */
export function seriesIn(value: Value): readonly Series[] {
  if (isList(value)) return value;
  if (value instanceof Map) return [value];
  throw invalid('A function of the expression takes time series.');
}

function isList(value: Value | undefined): value is readonly Series[] {
  return Array.isArray(value);
}
