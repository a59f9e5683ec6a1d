import { validationError } from '../errors.ts';

/** The bounds of a text, in characters. */
export interface TextBounds {
  readonly min: number;
  readonly max: number;
  /** As AWS prints it; the whole text must match. */
  readonly pattern?: string;
}

export interface NumberBounds {
  readonly min: number;
  readonly max: number;
}

/**
 * What a value breaks, in the words of AWS's common validation. Nothing, for a value that is not there.
 * @param member as AWS spells it in messages: `roleSessionName`
 */
export function textProblems(member: string, value: string | undefined, bounds: TextBounds): string[] {
  if (value === undefined) return [];
  const { min, max, pattern } = bounds;
  const length = Array.from(value).length;
  const broken: string[] = [];
  if (pattern !== undefined && !patternOf(pattern).test(value)) {
    broken.push(`Member must satisfy regular expression pattern: ${pattern}`);
  }
  if (length < min) broken.push(`Member must have length greater than or equal to ${min}`);
  if (length > max) broken.push(`Member must have length less than or equal to ${max}`);
  return broken.map((constraint) => problem(member, value, constraint));
}

export function numberProblems(member: string, value: number | undefined, { min, max }: NumberBounds): string[] {
  if (value === undefined) return [];
  if (value < min) return [problem(member, value, `Member must have value greater than or equal to ${min}`)];
  return value > max ? [problem(member, value, `Member must have value less than or equal to ${max}`)] : [];
}

export function lengthProblems(member: string, list: readonly unknown[] | undefined, max: number): string[] {
  if (list === undefined || list.length <= max) return [];
  return [problem(member, `[${list.length} members]`, `Member must have length less than or equal to ${max}`)];
}

/** @throws ServiceError with all of them at once, as AWS tells them */
export function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const counted = `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected`;
  throw validationError(`${counted}: ${problems.join('; ')}`);
}

function problem(member: string, value: string | number, constraint: string): string {
  return `Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`;
}

const patterns = new Map<string, RegExp>();

function patternOf(pattern: string): RegExp {
  const known = patterns.get(pattern);
  if (known) return known;
  const made = new RegExp(`^(?:${pattern})$`, 'u');
  patterns.set(pattern, made);
  return made;
}
