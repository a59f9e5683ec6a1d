import type { ContextEntry } from '@aws-sdk/client-iam';
import type { ConditionValues } from '../../../policy/model.ts';
import { invalidInput } from '../errors.ts';

/**
 * The context entries of a simulation, by key in lower case. A key without a value is one that is not there.
 * @throws ServiceError InvalidInput
 */
export function contextValues(entries: readonly ContextEntry[] = []): ConditionValues {
  return Object.fromEntries(entries.flatMap(contextValue));
}

function contextValue(entry: ContextEntry): [string, string | readonly string[]][] {
  const { ContextKeyName: name, ContextKeyType: type, ContextKeyValues: values = [] } = entry;
  if (name === undefined || type === undefined) {
    throw invalidInput('A context entry must have ContextKeyName and ContextKeyType.');
  }
  const key = name.toLowerCase();
  if (type.endsWith('List')) return [[key, values]];
  const [value, ...more] = values;
  if (more.length > 0) throw invalidInput(`The context key ${name} of type ${type} must have one value.`);
  return value === undefined ? [] : [[key, value]];
}
