import { invalid, notSupported } from '../errors.ts';

/** Metric math, read: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] };

/** Loosest first. */
const PRECEDENCE: readonly (readonly string[])[] = [
  ['OR', '||'],
  ['AND', '&&'],
  ['==', '!=', '<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/'],
  ['^'],
];

const FUNCTIONS: ReadonlySet<string> = new Set([
  'SUM',
  'AVG',
  'MIN',
  'MAX',
  'FILL',
  'IF',
  'RATE',
  'METRICS',
  'ABS',
  'CEIL',
  'FLOOR',
  'PERIOD',
  'DIFF',
]);

const MAX_DEPTH = 50;
const TOKEN =
  /\s*(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+|[A-Za-z_][A-Za-z0-9_]*|"[^"]*"|'[^']*'|==|!=|<=|>=|&&|\|\||[-+*/^()[\],<>])/y;

export function parseExpression(text: string): Expression {
  return new Reader(text).whole();
}

class Reader {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  whole(): Expression {
    const expression = this.#binary(0);
    if (this.#at < this.#tokens.length) throw this.#error();
    return expression;
  }

  #binary(level: number): Expression {
    const operators = PRECEDENCE[level];
    if (!operators) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = this.#tokens[this.#at]?.toUpperCase();
      if (operator === undefined || !operators.includes(operator)) return left;
      this.#at++;
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1) };
    }
  }

  #unary(): Expression {
    if (this.#tokens[this.#at] !== '-') return this.#primary();
    this.#at++;
    return {
      kind: 'binary',
      operator: '-',
      left: { kind: 'number', value: 0 },
      right: this.#nested(() => this.#unary()),
    };
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at++] ?? '';
    if (/^[\d.]/.test(token)) return { kind: 'number', value: Number(token) };
    if (/^["']/.test(token)) return { kind: 'text', value: token.slice(1, -1) };
    if (token === '[') return { kind: 'list', items: this.#list(']') };
    if (token === '(') {
      const inner = this.#nested(() => this.#binary(0));
      this.#expect(')');
      return inner;
    }
    if (!/^[A-Za-z]/.test(token)) throw this.#error();
    if (this.#tokens[this.#at] !== '(') return name(token);
    this.#at++;
    const called = token.toUpperCase();
    if (!FUNCTIONS.has(called)) throw notSupported(`The function ${called} of metric math`);
    return { kind: 'call', name: called, arguments: this.#list(')') };
  }

  #list(end: string): readonly Expression[] {
    const items: Expression[] = [];
    if (this.#tokens[this.#at] === end) {
      this.#at++;
      return items;
    }
    for (;;) {
      items.push(this.#nested(() => this.#binary(0)));
      const token = this.#tokens[this.#at++];
      if (token === end) return items;
      if (token !== ',') throw this.#error();
    }
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw invalid('The expression is nested too deeply.');
    const value = read();
    this.#depth--;
    return value;
  }

  #expect(token: string): void {
    if (this.#tokens[this.#at++] !== token) throw this.#error();
  }

  #error(): Error {
    return unreadable(this.#text);
  }
}

/** `REPEAT` and `LINEAR` are words of FILL; ids begin with a small letter. */
function name(token: string): Expression {
  return /^[A-Z]/.test(token) ? { kind: 'text', value: token } : { kind: 'id', id: token };
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  const token = new RegExp(TOKEN);
  let at = 0;
  while (text.slice(at).trim() !== '') {
    token.lastIndex = at;
    const found = token.exec(text);
    if (!found) throw unreadable(text);
    tokens.push(found[1] ?? '');
    at = token.lastIndex;
  }
  return tokens;
}

const unreadable = (text: string) => invalid(`Error in expression '${text}': Invalid syntax`);
