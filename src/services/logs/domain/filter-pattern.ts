/** Decides for a message. */
export type Matcher = (message: string) => boolean;

interface Term {
  readonly kind: 'required' | 'excluded' | 'optional';
  readonly text: string;
}

/** A sign, then a quoted phrase (with `\"` inside) or a bare term. */
const TERM = /([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?=\s|$)/y;
const BARE = /^\w+$/;

/**
 * Unstructured filter patterns: terms that must all be there, `"quoted phrases"`, `-exclusions`, and `?optional` terms
 * of which one must be there; as AWS does, optional terms beside others are ignored. Case matters.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function parseFilterPattern(pattern: string): { matcher: Matcher } | { problem: string } {
  const text = pattern.trim();
  if (text.startsWith('{')) return { problem: 'JSON filter patterns ({ ... }) are not supported by this server.' };
  if (text.startsWith('[')) {
    return { problem: 'Space-delimited filter patterns ([ ... ]) are not supported by this server.' };
  }
  if (/^[-?]?%/.test(text)) return { problem: 'Regular expressions (%...%) are not supported by this server.' };
  const terms = parseTerms(text);
  return 'problem' in terms ? terms : { matcher: matcherOf(terms.terms) };
}

function parseTerms(text: string): { terms: readonly Term[] } | { problem: string } {
  const terms: Term[] = [];
  let at = 0;
  while (at < text.length) {
    TERM.lastIndex = at;
    const match = TERM.exec(text);
    if (!match) return { problem: `Invalid filter pattern: cannot read it from '${text.slice(at)}' on.` };
    const [whole, sign, phrase, bare] = match;
    if (bare !== undefined && !BARE.test(bare)) return { problem: `Invalid character(s) in term '${bare}'` };
    const kind = sign === '-' ? 'excluded' : sign === '?' ? 'optional' : 'required';
    terms.push({ kind, text: bare ?? (phrase ?? '').replaceAll(/\\(.)/g, '$1') });
    at += whole.length;
    while (/\s/.test(text[at] ?? '')) at += 1;
  }
  return { terms };
}

function matcherOf(terms: readonly Term[]): Matcher {
  const textsOf = (kind: Term['kind']) => terms.filter((term) => term.kind === kind).map((term) => term.text);
  const [required, excluded, optional] = [textsOf('required'), textsOf('excluded'), textsOf('optional')];
  if (required.length + excluded.length === 0 && optional.length > 0) {
    return (message) => optional.some((text) => message.includes(text));
  }
  return (message) =>
    required.every((text) => message.includes(text)) && !excluded.some((text) => message.includes(text));
}
