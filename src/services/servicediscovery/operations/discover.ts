import type { ConditionValues } from '../../../api/operation.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { ReadTx } from '../../../store/store.ts';
import { discover } from '../domain/discover.ts';
import { pageLimit } from '../domain/filters.ts';
import { discovered } from '../lookup.ts';
import { namespaceArn, operation, serviceArn } from '../operation.ts';
import { instances } from '../tables.ts';

const MAX_RESULTS = 1000;

interface Named {
  readonly NamespaceName: string | undefined;
  readonly ServiceName: string | undefined;
  readonly OwnerAccount?: string | undefined;
}

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_DiscoverInstances.html */
export const DiscoverInstances = operation('DiscoverInstances', {
  resources: resourcesOf,
  conditions: namesOf,
  readOnly: true,
  dataEvent: true,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const limit = pageLimit(input.MaxResults, MAX_RESULTS);
      const { namespace, service } = await discovered(tx, ctx, input);
      const rows = discover(service, await tx.list(instances, { where: ['service', service.arn] }), input);
      return {
        Instances: rows.slice(0, limit).map((row) => ({
          InstanceId: row.id,
          NamespaceName: namespace.httpName,
          ServiceName: service.name,
          HealthStatus: row.health ?? 'UNKNOWN',
          Attributes: { ...row.attributes },
        })),
        InstancesRevision: service.instancesRevision,
      };
    }),
});

export const DiscoverInstancesRevision = operation('DiscoverInstancesRevision', {
  resources: resourcesOf,
  conditions: namesOf,
  readOnly: true,
  dataEvent: true,
  handle: (ctx, input) =>
    ctx.read(async (tx) => ({ InstancesRevision: (await discovered(tx, ctx, input)).service.instancesRevision })),
});

/** Names that are not there are asked for as any namespace and any service. */
async function resourcesOf(input: Named, scope: Scope, tx: ReadTx): Promise<readonly string[]> {
  try {
    const { namespace, service } = await discovered(tx, scope, input);
    return [namespace.arn, service.arn];
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return [namespaceArn(scope, '*'), serviceArn(scope, '*')];
  }
}

function namesOf(input: Named): ConditionValues {
  return {
    'servicediscovery:namespacename': input.NamespaceName ?? '',
    'servicediscovery:servicename': input.ServiceName ?? '',
  };
}
