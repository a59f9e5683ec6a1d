import { invalidExpression } from './query-errors.ts';

/** Each repetition can take any share of the value: the work grows with the value's length to this power. */
const MOST_COST = 4;
const FLAGS = /^\(\?([a-z]+)\)/;
const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`{-~',
  XDigit: '0-9a-fA-F',
  Space: '\\s',
};

/**
 * Compiles a pattern as ECS reads it: a Java regular expression that the whole value must match. Where Java has what
 * JavaScript has not (possessive quantifiers, intersections of classes), the pattern is refused; so is one whose work could
 * grow without bounds, since values and patterns come from callers.
 * @throws InvalidParameterException
 */
export function compilePattern(pattern: string, expression: string): RegExp {
  const refused = (what: string) => invalidExpression(expression, `the pattern '${pattern}' ${what}`);
  const flags = FLAGS.exec(pattern)?.[1] ?? '';
  if (/[^ims]/.test(flags)) throw refused(`has a flag that is not supported`);
  const source = translated(pattern.slice(flags ? flags.length + 3 : 0));
  if (isExplosive(source)) throw refused('repeats what itself repeats or branches, which is not supported');
  try {
    return new RegExp(`^(?:${source})$`, flags);
  } catch {
    throw refused('is not a valid regular expression');
  }
}

/** What Java writes otherwise: quotations, anchors of the whole text, POSIX classes. */
function translated(pattern: string): string {
  return pattern
    .replace(/\\Q([\s\S]*?)(?:\\E|$)/g, (_, quoted: string) => quoted.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
    .replace(/\\A|\\G/g, '^')
    .replace(/\\[zZ]/g, '$')
    .replace(/\\h/g, '[ \\t]')
    .replace(/\[([^\]]*)\]|\\p\{(\w+)\}/g, (text, inside: string | undefined, name: string | undefined) =>
      inside === undefined
        ? posix(text, name, '[', ']')
        : `[${inside.replace(/\\p\{(\w+)\}/g, (one, of) => posix(one, of))}]`,
    );
}

function posix(text: string, name: string | undefined, open = '', close = ''): string {
  const members = name !== undefined && Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
  return members === undefined ? text : `${open}${members}${close}`;
}

interface Group {
  /** It holds a repetition, an option or alternatives: to repeat it could take a time that is exponential. */
  isWide: boolean;
  /** Of the alternative that is read, and of the costliest before it. */
  cost: number;
  most: number;
}

/** Whether backtracking could take a time that is exponential in the value's length, or a high power of it. */
function isExplosive(source: string): boolean {
  const whole: Group = { isWide: false, cost: 0, most: 0 };
  const open = [whole];
  let closed: Group | undefined;
  let before = '';
  for (const [token] of source.matchAll(/\\[\s\S]|\[(?:\\[\s\S]|[^\]])*\]|\{\d+(?:,\d*)?\}|[\s\S]/g)) {
    const group = open.at(-1) ?? whole;
    if (/^\\[1-9k]/.test(token)) return true;
    if (isRepetition(token) && closed?.isWide) return true;
    const cost = before === '(' ? 0 : costOf(token);
    group.cost += cost;
    group.isWide = group.isWide || cost > 0 || token === '|';
    closed = undefined;
    if (token === '|') Object.assign(group, { most: Math.max(group.most, group.cost), cost: 0 });
    if (token === '(') open.push({ isWide: false, cost: 0, most: 0 });
    if (token === ')' && open.length > 1) closed = closeGroup(open);
    before = token;
  }
  return Math.max(whole.most, whole.cost) > MOST_COST;
}

/** Takes a group off the stack: what it costs, and whether it is wide, its parent is too. */
function closeGroup(open: Group[]): Group | undefined {
  const group = open.pop();
  const parent = open.at(-1);
  if (!group || !parent) return group;
  parent.cost += Math.max(group.most, group.cost) + (group.isWide ? OPTION_COST : 0);
  parent.isWide = parent.isWide || group.isWide;
  return group;
}

const OPTION_COST = 0.25;
const isRepetition = (token: string) => /^(?:[*+]|\{\d+,?\d*\})$/.test(token);
const costOf = (token: string) => (/^(?:[*+]|\{\d+,\d*\})$/.test(token) ? 1 : token === '?' ? OPTION_COST : 0);
