import type { StateValue } from './alarm.ts';

/** The rule of a composite alarm, as a tree. `alarm` is a name or an ARN, as it was written. */
export type AlarmRule =
  | { readonly kind: 'state'; readonly state: StateValue; readonly alarm: string }
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'not'; readonly of: AlarmRule }
  | { readonly kind: 'and' | 'or'; readonly left: AlarmRule; readonly right: AlarmRule };

export const MOST_CHILDREN = 100;
export const MOST_ELEMENTS = 500;

/** A rule that cannot be read: in words, without the rule. */
export class RuleSyntaxError extends Error {}

interface Token {
  readonly text: string;
  readonly isQuoted: boolean;
}

/**
 *   or  := and ( OR and )*        and := not ( AND not )*        not := NOT not | one
 *   one := ( or ) | TRUE | FALSE | ALARM(name) | OK(name) | INSUFFICIENT_DATA(name)
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
export function parseAlarmRule(text: string): AlarmRule {
  const tokens = tokensOf(text);
  if (tokens.length === 0) throw new RuleSyntaxError('it is empty');
  const reader = new RuleReader(tokens);
  const rule = reader.either();
  reader.end();
  return rule;
}

/** The alarms that a rule names, each once. */
export function alarmsOfRule(rule: AlarmRule): readonly string[] {
  if (rule.kind === 'state') return [rule.alarm];
  if (rule.kind === 'constant') return [];
  if (rule.kind === 'not') return alarmsOfRule(rule.of);
  return [...new Set([...alarmsOfRule(rule.left), ...alarmsOfRule(rule.right)])];
}

/** Functions, constants and operators. */
export function elementsOf(rule: AlarmRule): number {
  if (rule.kind === 'state' || rule.kind === 'constant') return 1;
  if (rule.kind === 'not') return 1 + elementsOf(rule.of);
  return 1 + elementsOf(rule.left) + elementsOf(rule.right);
}

export function isMet(rule: AlarmRule, stateOf: (alarm: string) => StateValue | undefined): boolean {
  switch (rule.kind) {
    case 'state':
      return stateOf(rule.alarm) === rule.state;
    case 'constant':
      return rule.value;
    case 'not':
      return !isMet(rule.of, stateOf);
    case 'and':
      return isMet(rule.left, stateOf) && isMet(rule.right, stateOf);
    default:
      return isMet(rule.left, stateOf) || isMet(rule.right, stateOf);
  }
}

function tokensOf(text: string): readonly Token[] {
  const pattern = /\s*(?:"((?:[^"\\]|\\.)*)"|([()])|([^\s()"]+))/gy;
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  while (pattern.lastIndex < trimmed.length) {
    const match = pattern.exec(trimmed);
    if (!match) throw new RuleSyntaxError('a quotation mark is not closed');
    const [, quoted, bracket, word] = match;
    tokens.push({
      text: quoted === undefined ? (bracket ?? word ?? '') : quoted.replace(/\\(.)/g, '$1'),
      isQuoted: quoted !== undefined,
    });
  }
  return tokens;
}

const FUNCTIONS: readonly string[] = ['ALARM', 'OK', 'INSUFFICIENT_DATA'] satisfies readonly StateValue[];
/** Deeper than any rule that is short enough. */
const DEEPEST = 200;

class RuleReader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  either(): AlarmRule {
    let left = this.#both();
    while (this.#takes('OR')) left = { kind: 'or', left, right: this.#both() };
    return left;
  }

  end(): void {
    const rest = this.#tokens[this.#at];
    if (rest) throw new RuleSyntaxError(`'${rest.text}' is not expected`);
  }

  #both(): AlarmRule {
    let left = this.#not();
    while (this.#takes('AND')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): AlarmRule {
    if (++this.#depth > DEEPEST) throw new RuleSyntaxError('it is nested too deeply');
    const rule: AlarmRule = this.#takes('NOT') ? { kind: 'not', of: this.#not() } : this.#one();
    this.#depth--;
    return rule;
  }

  #one(): AlarmRule {
    if (this.#takes('(')) {
      const rule = this.either();
      this.#expect(')');
      return rule;
    }
    if (this.#takes('TRUE')) return { kind: 'constant', value: true };
    if (this.#takes('FALSE')) return { kind: 'constant', value: false };
    const name = this.#next();
    if (name.isQuoted || !FUNCTIONS.includes(name.text)) throw new RuleSyntaxError(`'${name.text}' is not expected`);
    this.#expect('(');
    const alarm = this.#name();
    this.#expect(')');
    return { kind: 'state', state: name.text as StateValue, alarm };
  }

  /** Without quotation marks a name may have blanks, but no brackets. */
  #name(): string {
    const first = this.#next();
    if (first.isQuoted) return first.text;
    const words = [first.text];
    if (first.text === '(' || first.text === ')') throw new RuleSyntaxError('an alarm is not named');
    for (;;) {
      const next = this.#tokens[this.#at];
      if (!next || next.isQuoted || next.text === ')' || next.text === '(') return words.join(' ');
      words.push(this.#next().text);
    }
  }

  #takes(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (!token || token.isQuoted || token.text !== text) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw new RuleSyntaxError(`'${text}' is missing`);
  }

  #next(): Token {
    const token = this.#tokens[this.#at];
    if (!token) throw new RuleSyntaxError('it ends too early');
    this.#at++;
    return token;
  }
}
