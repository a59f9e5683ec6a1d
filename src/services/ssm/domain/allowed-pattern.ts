import { Script } from 'node:vm';
import { invalidPattern, patternMismatch } from '../errors.ts';

const MAX_PATTERN = 1024;
/** A pattern that runs away must not hold up everybody else. */
const TIMEOUT_MS = 100;
const MATCHES = new Script('pattern.test(value)');

/**
 * The whole value must match.
 * @throws InvalidAllowedPatternException, ParameterPatternMismatchException
 */
export function checkAgainstPattern(allowedPattern: string, value: string): void {
  if (allowedPattern.length > MAX_PATTERN) throw invalidPattern(allowedPattern);
  if (!matches(compile(allowedPattern), value)) throw patternMismatch(allowedPattern);
}

function compile(allowedPattern: string): RegExp {
  try {
    return new RegExp(`^(?:${allowedPattern})$`);
  } catch {
    throw invalidPattern(allowedPattern);
  }
}

function matches(pattern: RegExp, value: string): boolean {
  try {
    return MATCHES.runInNewContext({ pattern, value }, { timeout: TIMEOUT_MS }) === true;
  } catch {
    return false;
  }
}
