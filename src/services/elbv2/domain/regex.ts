import { invalid } from '../errors.ts';
import { readRegex, RegexProblem, type ReadRegex } from './regex-reader.ts';

/**
 * A regular expression of a rule, as it is.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html
 * @throws ValidationError
 */
export function checkRegex(regex: string, longest: number, where: string): string {
  groupsOf(regex, longest, where);
  return regex;
}

/**
 * How many groups a regular expression of a rule captures.
 * @throws ValidationError
 */
export function groupsOf(regex: string, longest: number, where: string): number {
  if (!/^[\u0020-\u007e]+$/.test(regex) || regex.length > longest) {
    throw invalid(`The regular expression '${regex}' of ${where} must have 1 to ${longest} printable characters`);
  }
  const read = tryRead(regex);
  if (read instanceof RegexProblem) throw invalid(`The regular expression '${regex}' of ${where} ${read.message}`);
  return read.groups;
}

/** For the plane. One that was taken before it was checked like this fits nothing: the rest of the VPC is served. */
export function pcreOf(regex: string): string {
  const read = tryRead(regex);
  return read instanceof RegexProblem ? '(?!)' : read.pcre;
}

function tryRead(regex: string): ReadRegex | RegexProblem {
  try {
    return readRegex(regex);
  } catch (error) {
    if (error instanceof RegexProblem) return error;
    throw error;
  }
}
