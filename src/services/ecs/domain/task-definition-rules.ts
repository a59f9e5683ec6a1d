import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { clientError } from '../errors.ts';

/** What RegisterTaskDefinition's checks have in common. */

export type Definition = Omit<RegisterTaskDefinitionCommandInput, 'tags'>;

export const NAME = /^[A-Za-z0-9_-]{1,255}$/;

/** `Invalid setting for container 'web'. ...` */
export function invalidSetting(container: ContainerDefinition, text: string): Error {
  return clientError(`Invalid setting for container '${container.name}'. ${text}`);
}

/**
 * @param most left out where there is no upper bound
 * @throws ClientException
 */
export function checkRange(value: number | undefined, what: string, least: number, most = Infinity): void {
  if (value === undefined || (value >= least && value <= most)) return;
  throw clientError(`${what} must be ${most === Infinity ? `at least ${least}` : `between ${least} and ${most}`}.`);
}

/** The first that was there before. */
export function repeated<T>(values: readonly T[]): T | undefined {
  return values.find((value, index) => values.indexOf(value) < index);
}
