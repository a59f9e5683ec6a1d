import type { Principal } from '../../../api/context.ts';

export const LOAD_BALANCING = 'elasticloadbalancing.amazonaws.com';

/** The service that calls, under its service-linked role or as itself, e.g. `ecs.amazonaws.com`; undefined for a user. */
export function serviceOf(principal: Principal): string | undefined {
  if (principal.invokedBy !== undefined) return principal.invokedBy;
  if (principal.kind !== 'service') return undefined;
  return /[a-z0-9.-]+\.amazonaws\.com$/.exec(principal.arn)?.[0] ?? principal.arn;
}

/** How EC2 calls a service in RequesterId and InstanceOwnerId: `amazon-elb`, `amazon-ecs`. */
export function serviceAlias(service: string): string {
  return service === LOAD_BALANCING ? 'amazon-elb' : `amazon-${service.split('.')[0]}`;
}

/** IpOwnerId of an address that a service allocated. */
export function ipOwnerAlias(service: string): string {
  return service === LOAD_BALANCING ? 'amazon-elb' : 'amazon';
}
