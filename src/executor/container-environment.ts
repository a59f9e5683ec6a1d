import type { TaskContainer } from './executor.ts';
import type { ResolvedSecrets } from './secrets.ts';

/** Files below `environment` below secrets; of two files the first wins. */
export function environmentWith(
  { environment }: TaskContainer,
  { secrets, environmentFiles }: ResolvedSecrets,
): Readonly<Record<string, string>> {
  const merged: Record<string, string> = {};
  for (const file of environmentFiles.toReversed()) Object.assign(merged, file);
  return Object.assign(merged, environment, secrets);
}

/** Shorter ones are no secret, and hiding them would garble any text. */
const SHORTEST_HIDDEN = 4;

/** A text of the engine's may quote what it was given. */
export function hideSecrets(text: string, resolved: Iterable<ResolvedSecrets>): string {
  const values = [...resolved]
    .flatMap(({ secrets, environmentFiles }) => [secrets, ...environmentFiles].flatMap((one) => Object.values(one)))
    .filter(({ length }) => length >= SHORTEST_HIDDEN)
    .toSorted((a, b) => b.length - a.length);
  return values.reduce((hidden, value) => hidden.replaceAll(value, '***'), text);
}
