import type { ConditionValues, Permission } from '../../api/operation.ts';
import { formatArn } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { taskCpu, taskMemory } from './domain/fargate-sizes.ts';
import {
  clusterArn,
  clusterNameOf,
  parseTaskDefinition,
  serviceArn,
  taskArn,
  taskDefinitionArn,
} from './domain/references.ts';
import { roleArnOf } from './domain/role-arn.ts';
import { findTaskDefinition } from './lookups.ts';

/** Whom tasks' roles and execution roles are handed to. */
const ECS_TASKS = 'ecs-tasks.amazonaws.com';

type InCluster = { readonly cluster?: string | undefined };

/** `ecs:cluster`: what confines a caller to one cluster. */
export function clusterCondition({ cluster }: InCluster, scope: Scope): ConditionValues {
  return { 'ecs:cluster': clusterArn(scope, cluster) };
}

export function serviceResource(input: InCluster & { readonly service?: string | undefined }, scope: Scope): string[] {
  return [serviceArn(scope, clusterNameOf(clusterArn(scope, input.cluster)), input.service ?? '')];
}

export function taskResources(input: InCluster, tasks: readonly string[], scope: Scope): string[] {
  const cluster = clusterNameOf(clusterArn(scope, input.cluster));
  return tasks.map((task) => taskArn(scope, cluster, task));
}

/** The revision that a reference means now; `FAMILY:*` where there is none. */
export async function definitionResource(tx: ReadTx, scope: Scope, reference: string): Promise<string> {
  const found = await findTaskDefinition(tx, scope, reference);
  if (found) return found.arn;
  const parsed = parseTaskDefinition(reference);
  if (!parsed) return taskDefinitionArn(scope, '*', 0).replace(/:0$/, ':*');
  const { family, number } = parsed;
  return number === undefined ? familyResource(scope, family) : taskDefinitionArn(scope, family, number);
}

/** Whatever number a new revision gets. */
export function familyResource(scope: Scope, family: string): string {
  return taskDefinitionArn(scope, family, 0).replace(/:0$/, ':*');
}

interface Roles {
  readonly taskRoleArn?: string | undefined;
  readonly executionRoleArn?: string | undefined;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html: a role by its name alone is no role's ARN. */
export function passRoles(scope: Scope, ...handedOver: readonly (Roles | undefined)[]): Permission[] {
  const resources = rolesOf(scope, ...handedOver);
  if (resources.length === 0) return [];
  return [{ action: 'iam:PassRole', resources, conditions: { 'iam:passedtoservice': ECS_TASKS } }];
}

/** The ARNs of all roles, each once. */
export function rolesOf(scope: Scope, ...handedOver: readonly (Roles | undefined)[]): readonly string[] {
  const roles = handedOver.flatMap((each) => [each?.taskRoleArn, each?.executionRoleArn]);
  return [...new Set(roles.flatMap((role) => (role ? [roleArnOf(scope, role)] : [])))];
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html */
export function tagOnCreate(
  input: { readonly tags?: readonly unknown[] | undefined },
  createAction: string,
  resources: readonly string[],
): Permission[] {
  if (!input.tags?.length) return [];
  return [{ action: 'ecs:TagResource', resources, conditions: { 'ecs:createaction': createAction } }];
}

/** `ecs:task-cpu` and `ecs:task-memory`: CPU units and MiB, however the request writes them. */
export function sizeConditions({
  cpu,
  memory,
}: {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
}): ConditionValues {
  return {
    ...(cpu !== undefined && { 'ecs:task-cpu': orAsGiven(taskCpu, cpu) }),
    ...(memory !== undefined && { 'ecs:task-memory': orAsGiven(taskMemory, memory) }),
  };
}

/** What is no size is refused later, by the operation itself. */
function orAsGiven(read: (text: string) => string, text: string): string {
  try {
    return read(text);
  } catch {
    return text;
  }
}

/** `ecs:capacity-provider`: the ARNs of those that are asked for. */
export function capacityProviderConditions(scope: Scope, names: readonly string[] | undefined): ConditionValues {
  if (!names?.length) return {};
  return { 'ecs:capacity-provider': names.map((name) => capacityProviderArn(scope, name)) };
}

export function capacityProviderArn(scope: Scope, reference: string): string {
  return reference.startsWith('arn:') ? reference : formatArn('ecs', scope, `capacity-provider/${reference}`);
}
