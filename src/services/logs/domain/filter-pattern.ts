import { parseJsonPattern } from './json-pattern.ts';
import { PatternProblem, PatternReader } from './pattern-reader.ts';
import { parseSpacePattern } from './space-pattern.ts';
import { parseTermPattern } from './term-pattern.ts';

export interface FilterPattern {
  readonly matches: (message: string) => boolean;
  /** The values that the pattern names, of a message that matches: `$.a.b` or `$name`. */
  readonly extract: (message: string) => Readonly<Record<string, string>>;
}

/** Decides for a message. */
export type Matcher = FilterPattern['matches'];

const MOST_CHARACTERS = 1024;

/**
 * Filter patterns: terms, `{ JSON }` and `[space, delimited]`, all with `%regular expressions%`. Case matters.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function parseFilterPattern(pattern: string): FilterPattern | { readonly problem: string } {
  const text = pattern.trim();
  if (text.length > MOST_CHARACTERS) {
    return {
      problem: `1 validation error detected: Value at 'filterPattern' failed to satisfy constraint: Member must have length less than or equal to ${MOST_CHARACTERS}`,
    };
  }
  try {
    const reader = new PatternReader(text);
    if (text.startsWith('{')) return parseJsonPattern(reader);
    if (text.startsWith('[')) return parseSpacePattern(reader);
    return parseTermPattern(reader);
  } catch (error) {
    if (error instanceof PatternProblem) return { problem: error.message };
    throw error;
  }
}
