import type { UpdateServiceCommandInput } from '@aws-sdk/client-ecs';
import type { ConditionValues } from '../../api/operation.ts';
import type { Scope } from '../../kernel/arn.ts';
import { capacityProviderConditions, clusterCondition } from './authorization.ts';
import { serviceOfArn } from './domain/service-deployment.ts';

/** What the input tells of a service's placement and tags, for policies that restrict it. */
export function serviceConditions(
  input: Pick<
    UpdateServiceCommandInput,
    | 'cluster'
    | 'taskDefinition'
    | 'capacityProviderStrategy'
    | 'enableExecuteCommand'
    | 'enableECSManagedTags'
    | 'propagateTags'
    | 'networkConfiguration'
    | 'serviceConnectConfiguration'
  >,
  scope: Scope,
): ConditionValues {
  const { subnets, assignPublicIp } = input.networkConfiguration?.awsvpcConfiguration ?? {};
  const connect = input.serviceConnectConfiguration;
  const providers = input.capacityProviderStrategy?.map((item) => item.capacityProvider ?? '');
  return {
    ...clusterCondition(input, scope),
    ...capacityProviderConditions(scope, providers),
    ...(input.taskDefinition !== undefined && { 'ecs:task-definition': input.taskDefinition }),
    ...(input.enableExecuteCommand !== undefined && {
      'ecs:enable-execute-command': String(input.enableExecuteCommand),
    }),
    ...(input.enableECSManagedTags !== undefined && {
      'ecs:enable-ecs-managed-tags': String(input.enableECSManagedTags),
    }),
    ...(input.propagateTags !== undefined && { 'ecs:propagate-tags': input.propagateTags }),
    ...(assignPublicIp !== undefined && { 'ecs:auto-assign-public-ip': assignPublicIp }),
    ...(subnets && { 'ecs:subnet': subnets }),
    ...(connect && { 'ecs:enable-service-connect': String(connect.enabled ?? false) }),
    ...(connect?.namespace && { 'ecs:namespace': connect.namespace }),
  };
}

/** The ARNs, and those of their services: ECS asks for both. */
export function withServices(arns: readonly string[] | undefined): string[] {
  return [...new Set((arns ?? []).flatMap((arn) => [...(serviceOfArn(arn) ? [serviceOfArn(arn) ?? ''] : []), arn]))];
}

/** `ecs:cluster` and `ecs:service` of the ARNs' services. */
export function conditionsOf(arns: readonly string[] | undefined): ConditionValues {
  const owners = [...new Set((arns ?? []).flatMap((arn) => serviceOfArn(arn) ?? []))];
  if (owners.length !== 1 || !owners[0]) return {};
  return { 'ecs:cluster': owners[0].replace(/:service\/([^/]+)\/.*$/, ':cluster/$1'), 'ecs:service': owners[0] };
}
