import type { FilterPattern } from './filter-pattern.ts';
import { parseJsonPattern } from './json-pattern.ts';
import { PatternProblem, PatternReader } from './pattern-reader.ts';
import { parseSpacePattern } from './space-pattern.ts';
import { parseTermPattern } from './term-pattern.ts';

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
