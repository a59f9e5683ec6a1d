import type { Scope } from '../../../kernel/arn.ts';
import { parseImageName } from './image-name.ts';

/** What the parts of an Express service are called: told by its id alone, so that they are found again after a crash. */

export const balancerName = (gatewayId: string) => `ecs-express-gateway-alb-${gatewayId}`;
export const balancerGroupName = (gatewayId: string) => `ecs-express-gateway-alb-${gatewayId}`;
export const targetGroupName = (id: string) => `ecs-gateway-tg-${id}`;
/** Of the group that every second deployment has its tasks in. */
export const alternateGroupName = (id: string) => `ecs-gateway-tg-${id}-2`;
export const rollbackAlarmName = (id: string) => `ecs-express-rollback-${id}`;
export const taskGroupName = (id: string) => `ecs-express-service-${id}`;
export const scalingPolicyName = (id: string) => `ecs-express-scaling-${id}`;
export const logGroupName = (cluster: string, service: string, id: string) =>
  `/aws/ecs/${cluster}/${service}-${id.slice(0, 4)}`;

const MOST_LABEL = 63;

/**
 * `SERVICE-ID.ecs.REGION.on.DOMAIN`, in the place of AWS's `on.aws`.
 * @param domain of this server, `localhost` unless an operator has one
 */
export function endpointName(scope: Scope, service: string, id: string, domain: string): string {
  const suffix = `-${id}`;
  const label = service
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, MOST_LABEL - suffix.length)
    .replaceAll(/^-+|-+$/g, '');
  return `${label || 'service'}${suffix}.ecs.${scope.region}.on.${domain}`;
}

/** For a service that is given none: after its image. */
export function generatedName(image: string, id: string): string {
  return `${parseImageName(image)}-${id.slice(0, 4)}`;
}
