import { invalid } from '../errors.ts';

/** What ALB's regular expressions do not have, with how it begins. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/\(\?<?[=!]/, 'lookarounds'],
  [/\(\?>/, 'atomic groups'],
  [/\(\?(?:[R&0-9+-]|P[>=])/, 'subroutines and recursion'],
  [/\\(?:[1-9]|[gk])/, 'backreferences'],
  [/[*+?}]\+/, 'possessive quantifiers'],
  [/\\[pPX]/, 'Unicode character classes'],
];

/**
 * A regular expression of a rule, as it is.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html
 * @throws ValidationError
 */
export function checkRegex(regex: string, longest: number, where: string): string {
  if (!/^[\u0020-\u007e]+$/.test(regex) || regex.length > longest) {
    throw invalid(`The regular expression '${regex}' of ${where} must have 1 to ${longest} printable characters`);
  }
  const bare = regex.replaceAll(/\\\\/g, '').replaceAll(/\\[^0-9gkpPX]/g, '');
  const feature = REFUSED.find(([pattern]) => pattern.test(bare))?.[1];
  if (feature !== undefined) throw invalid(`The regular expression '${regex}' of ${where} uses ${feature}`);
  if (!compiles(regex)) throw invalid(`The regular expression '${regex}' of ${where} is not valid`);
  return regex;
}

function compiles(regex: string): boolean {
  try {
    return new RegExp(regex.replace(/^\(\?i\)/, '')) instanceof RegExp;
  } catch {
    return false;
  }
}
