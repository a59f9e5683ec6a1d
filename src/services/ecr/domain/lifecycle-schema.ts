import { lifecyclePolicyInvalid } from '../errors.ts';

/*
 * ECR holds a policy against a JSON schema, and answers with the words of the Java library that does it
 * (json-schema-validator). These say the same.
 */

/** An object with all of `required` and nothing but those and `optional`. Both are sorted. */
export function object(
  value: unknown,
  required: readonly string[],
  optional: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(value, 'object');
  const names = Object.keys(value);
  const missing = required.filter((name) => !names.includes(name));
  if (missing.length > 0) throw lifecyclePolicyInvalid(`object has missing required properties (${listed(missing)})`);
  const unknown = names.filter((name) => !required.includes(name) && !optional.includes(name));
  if (unknown.length > 0) {
    throw lifecyclePolicyInvalid(
      `object instance has properties which are not allowed by the schema: (${listed(unknown.toSorted())})`,
    );
  }
  return Object.fromEntries(Object.entries(value));
}

export function arrayOf(value: unknown, least: number, most = Infinity): readonly unknown[] {
  if (!Array.isArray(value)) throw wrongType(value, 'array');
  const { length } = value;
  if (length < least) {
    throw lifecyclePolicyInvalid(
      `array is too short: must have at least ${least} elements but instance has ${length} elements`,
    );
  }
  if (length > most) {
    throw lifecyclePolicyInvalid(
      `array is too long: must have at most ${most} elements but instance has ${length} elements`,
    );
  }
  return value;
}

export function text(value: unknown): string {
  if (typeof value !== 'string') throw wrongType(value, 'string');
  return value;
}

export function integerFrom(least: number, value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrongType(value, 'integer');
  if (value < least) {
    throw lifecyclePolicyInvalid(
      `numeric instance is lower than the required minimum (minimum: ${least}, found: ${value})`,
    );
  }
  return value;
}

export function oneOf<T extends string>(allowed: readonly T[], value: unknown): T {
  const found = allowed.find((name) => name === value);
  if (found !== undefined) return found;
  throw lifecyclePolicyInvalid(
    `instance value (${JSON.stringify(value)}) not found in enum (possible values: ${listed(allowed)})`,
  );
}

function wrongType(value: unknown, allowed: string) {
  return lifecyclePolicyInvalid(
    `instance type (${typeOf(value)}) does not match any allowed primitive type (allowed: ${listed([allowed])})`,
  );
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

function listed(names: readonly string[]): string {
  return JSON.stringify(names);
}
