/** Where a statement stands in a policy's text. Lines and columns count from 1. */
export interface StatementPosition {
  /** Just after the bracket, comma or colon before it, as AWS tells it. */
  readonly start: Place;
  /** Just after its last brace. */
  readonly end: Place;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * Finds the statements of a policy, in its order.
 * @param text JSON that has been parsed before
 */
export function statementPositions(text: string): readonly StatementPosition[] {
  const value = memberStart(text, 'Statement');
  if (value === undefined) return [];
  const first = pastBlanks(text, value);
  const spans = text[first] === '[' ? elementSpans(text, first + 1) : [[value, pastValue(text, value)] as const];
  return spans.map(([start, end]) => ({ start: placeOf(text, start), end: placeOf(text, end) }));
}

type Span = readonly [start: number, end: number];

/** Where the value of a member of the outermost object begins: just after its colon. */
function memberStart(text: string, name: string): number | undefined {
  let at = pastBlanks(text, pastBlanks(text, 0) + 1);
  while (text[at] === '"') {
    const end = pastValue(text, at);
    const value = pastBlanks(text, end) + 1;
    if (JSON.parse(text.slice(at, end)) === name) return value;
    at = pastBlanks(text, pastValue(text, value));
    if (text[at] === ',') at = pastBlanks(text, at + 1);
  }
  return undefined;
}

function elementSpans(text: string, begin: number): Span[] {
  const spans: Span[] = [];
  let start = begin;
  while (text[pastBlanks(text, start)] === '{') {
    const end = pastValue(text, start);
    spans.push([start, end]);
    const next = pastBlanks(text, end);
    if (text[next] !== ',') break;
    start = next + 1;
  }
  return spans;
}

function pastBlanks(text: string, at: number): number {
  let index = at;
  while (/\s/.test(text[index] ?? '')) index++;
  return index;
}

/** The index just after the value that begins at `at` or after blanks there. */
function pastValue(text: string, at: number): number {
  let index = pastBlanks(text, at);
  let depth = 0;
  while (index < text.length) {
    const character = text[index] ?? '';
    if (character === '"') index = pastString(text, index);
    else index++;
    if (character === '{' || character === '[') depth++;
    if (character === '}' || character === ']') depth--;
    if (depth === 0 && (/["}\]]/.test(character) || /[\s,}\]]/.test(text[index] ?? ''))) return index;
  }
  return index;
}

function pastString(text: string, at: number): number {
  let index = at + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index + 1;
}

function placeOf(text: string, index: number): Place {
  const before = text.slice(0, index);
  const lines = before.split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
