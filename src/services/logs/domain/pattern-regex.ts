import { LinearRegex, RegexProblem } from '../../../kernel/linear-regex.ts';

/** What may stand in one outside of an escape; parentheses and other symbols may not. */
const ALLOWED = /^(?:[A-Za-z0-9 :_#=@/;,^$?[\]{}|*+.-]|\\.)*$/;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html */
export function patternRegex(
  source: string,
): { readonly test: (text: string) => boolean } | { readonly problem: string } {
  const refuse = (why: string) => ({ problem: `Invalid filter pattern: the regular expression '${source}' ${why}` });
  if (source === '') return refuse('is empty.');
  if (!ALLOWED.test(source)) return refuse('has a character that is not supported.');
  try {
    const regex = new LinearRegex(source);
    return { test: (text) => regex.test(text) };
  } catch (error) {
    if (error instanceof RegexProblem) return refuse(`cannot be read: ${error.message}`);
    throw error;
  }
}
