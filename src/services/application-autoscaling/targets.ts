import type { Context } from '../../api/context.ts';
import type { Permission } from '../../api/operation.ts';
import { formatArn } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import { paginate, type Page } from '../../kernel/pages.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { badToken, constraint, noSuchTarget, notSupported } from './errors.ts';
import { targetArn, targetKey, targets, type TargetRow } from './tables.ts';

const DIMENSION = 'ecs:service:DesiredCount';
const MOST = 50;

interface Named {
  readonly ServiceNamespace?: string | undefined;
  readonly ScalableDimension?: string | undefined;
  readonly ResourceId?: string | undefined;
}

/** Services of ECS by their desired count are what can be scaled here; what else AWS scales is refused by name. */
export function checkNamespace({ ServiceNamespace, ScalableDimension }: Named): void {
  if (ServiceNamespace !== 'ecs') throw notSupported(`The service namespace ${ServiceNamespace}`);
  if (ScalableDimension !== undefined && ScalableDimension !== DIMENSION) {
    throw notSupported(`The scalable dimension ${ScalableDimension}`);
  }
}

export function resourceIdOf(input: Named): string {
  checkNamespace(input);
  const { ResourceId = '' } = input;
  if (!/^service\/[\w-]{1,255}\/[\w-]{1,255}$/.test(ResourceId)) {
    throw constraint(ResourceId, 'resourceId', 'satisfy regular expression pattern: service/cluster/service');
  }
  return ResourceId;
}

export async function targetOf(tx: ReadTx, scope: Scope, resourceId: string): Promise<Stored<TargetRow>> {
  const { account, region } = scope;
  const row = await tx.get(targets, targetKey({ account, region, resourceId }));
  if (!row) throw noSuchTarget(resourceId);
  return row;
}

/** For authorization: the target's ARN; that of any, where there is none yet. */
export async function targetResource(input: Named, { account, region }: Scope, tx: ReadTx): Promise<readonly string[]> {
  const row = await tx.get(targets, targetKey({ account, region, resourceId: input.ResourceId ?? '' }));
  return [targetArn({ account, region }, row?.id ?? '*')];
}

export const targetConditions = ({ ServiceNamespace = '', ScalableDimension = '' }: Named) => ({
  'application-autoscaling:service-namespace': ServiceNamespace,
  'application-autoscaling:scalable-dimension': ScalableDimension,
});

/**
 * What a caller must be allowed on the service, which the service-linked role looks at and scales in its stead; AWS asks
 * for no more (its policy for the roles of Express services has just this).
 * https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html
 */
export function servicePermission({ ResourceId = '' }: Named, scope: Scope): Permission {
  const { cluster, service } = serviceOf(ResourceId);
  return {
    action: 'ecs:DescribeServices',
    resources: [formatArn('ecs', scope, `service/${cluster}/${service}`)],
    conditions: { 'ecs:cluster': formatArn('ecs', scope, `cluster/${cluster}`) },
  };
}

/** The cluster and the service of `service/CLUSTER/SERVICE`. */
export function serviceOf(resourceId: string): { readonly cluster: string; readonly service: string } {
  const [, cluster = '', service = ''] = resourceId.split('/');
  return { cluster, service };
}

interface Paged {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export function pageOf<T>(rows: readonly T[], keyOf: (row: T) => string, input: Paged, descending = false): Page<T> {
  return paginate(rows, keyOf, {
    limit: Math.min(MOST, Math.max(1, input.MaxResults ?? MOST)),
    token: input.NextToken,
    descending,
    onBadToken: () => {
      throw badToken();
    },
  });
}

/** What ECS says of a service; undefined where it is not active. */
export async function describeService(call: Context['call'], resourceId: string) {
  const { cluster, service } = serviceOf(resourceId);
  try {
    const { services = [] } = await call('ecs', 'DescribeServices', { cluster, services: [service] });
    const [found] = services;
    return found?.status === 'ACTIVE' ? found : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ClusterNotFoundException') return undefined;
    throw error;
  }
}
