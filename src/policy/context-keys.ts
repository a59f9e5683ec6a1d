import { isVariable, parsePattern } from './pattern.ts';
import { readDocument } from './read.ts';

/**
 * The context keys that policies ask for, in conditions and in variables, as they write them, each once: what
 * GetContextKeysForCustomPolicy answers.
 * @param texts policies that `checkPolicy` accepts
 */
export function contextKeysOf(texts: readonly string[]): string[] {
  const keys = new Map<string, string>();
  for (const key of texts.flatMap(keysOf)) if (!keys.has(key.toLowerCase())) keys.set(key.toLowerCase(), key);
  return [...keys.values()];
}

function keysOf(text: string): string[] {
  const { version, statements } = readDocument(text);
  const variables = version === '2012-10-17';
  return statements.flatMap(({ resources, conditions }) => [
    ...(resources?.values ?? []).flatMap((value) => variablesOf(value, variables)),
    ...conditions.flatMap(({ key, values }) => [key, ...values.flatMap((value) => variablesOf(value, variables))]),
  ]);
}

function variablesOf(value: string, variables: boolean): string[] {
  return parsePattern(value, { wildcards: false, variables })
    .filter(isVariable)
    .map(({ text }) => text.slice('${'.length, -'}'.length).split(',')[0]?.trim() ?? '');
}
