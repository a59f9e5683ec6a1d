import { paginate } from '../../../kernel/pages.ts';
import type { Stored, WriteTx } from '../../../store/store.ts';
import { createdBy, ofService } from '../condition-keys.ts';
import { badToken, pageLimit } from '../domain/filters.ts';
import { checkAttributes } from '../domain/instance-attributes.ts';
import { checkInstanceId } from '../domain/names.ts';
import { limitExceeded } from '../errors.ts';
import { instanceOf, serviceOf } from '../lookup.ts';
import { operation, serviceArn } from '../operation.ts';
import { submit } from '../submitted.ts';
import { instanceKey, instances, operations, services } from '../tables.ts';
import type { InstanceRow, ServiceRow } from '../tables.ts';
import { instanceView } from '../views.ts';

const MAX_INSTANCES = 1000;

/** Registers an instance, or replaces the one of that id. https://docs.aws.amazon.com/cloud-map/latest/api/API_RegisterInstance.html */
export const RegisterInstance = operation('RegisterInstance', {
  resources: (input, scope) => [serviceArn(scope, input.ServiceId)],
  conditions: (input, scope) => ({ ...ofService(scope, input.ServiceId), ...createdBy(scope) }),
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const service = await serviceOf(tx, ctx, input.ServiceId);
      const id = checkInstanceId(input.InstanceId, service.dns?.records[0]?.type === 'SRV');
      const attributes = checkAttributes(service, input.Attributes ?? {});
      const before = await tx.get(instances, instanceKey(service.arn, id));
      const made = await madeBefore(tx, service, before, input.CreatorRequestId);
      if (made !== undefined) return { OperationId: made };
      if (!before && (await tx.list(instances, { where: ['service', service.arn] })).length >= MAX_INSTANCES) {
        throw limitExceeded(`A service can have at most ${MAX_INSTANCES} instances.`);
      }
      const creatorRequestId = input.CreatorRequestId ?? ctx.ids.uuid();
      const row: InstanceRow = {
        account: ctx.account,
        region: ctx.region,
        serviceArn: service.arn,
        namespaceArn: service.namespaceArn,
        id,
        attributes,
        ...(service.customHealth && {
          health: attributes['AWS_INIT_HEALTH_STATUS'] === 'UNHEALTHY' ? 'UNHEALTHY' : 'HEALTHY',
        }),
        creatorRequestId,
        registeredAtMs: ctx.now,
      };
      await tx.put(instances, before ? { ...row, revision: before.revision } : row);
      await tx.put(services, { ...service, instancesRevision: service.instancesRevision + 1 });
      return submit(tx, ctx, { ...targetOf(service, id), type: 'REGISTER_INSTANCE', requestId: creatorRequestId });
    }),
});

function targetOf(service: ServiceRow, instanceId: string) {
  const { namespaceArn, namespaceId, id } = service;
  return { namespaceArn, namespaceId, serviceId: id, instanceId };
}

/** The operation of the same call, made before. */
async function madeBefore(
  tx: WriteTx,
  service: ServiceRow,
  before: InstanceRow | undefined,
  requestId: string | undefined,
): Promise<string | undefined> {
  if (requestId === undefined || before?.creatorRequestId !== requestId) return undefined;
  const known = await tx.list(operations, { where: ['namespace', service.namespaceArn] });
  return known.findLast(
    (row) => row.type === 'REGISTER_INSTANCE' && row.requestId === requestId && row.serviceId === service.id,
  )?.id;
}

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_DeregisterInstance.html */
export const DeregisterInstance = operation('DeregisterInstance', {
  resources: (input, scope) => [serviceArn(scope, input.ServiceId)],
  conditions: (input, scope) => ({ ...ofService(scope, input.ServiceId), ...createdBy(scope) }),
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const service: Stored<ServiceRow> = await serviceOf(tx, ctx, input.ServiceId);
      const row = await instanceOf(tx, service, input.InstanceId);
      await tx.delete(instances, instanceKey(service.arn, row.id));
      await tx.put(services, { ...service, instancesRevision: service.instancesRevision + 1 });
      return submit(tx, ctx, { ...targetOf(service, row.id), type: 'DEREGISTER_INSTANCE' });
    }),
});

export const GetInstance = operation('GetInstance', {
  resources: (input, scope) => [serviceArn(scope, input.ServiceId)],
  conditions: (input, scope) => ofService(scope, input.ServiceId),
  readOnly: true,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const service = await serviceOf(tx, ctx, input.ServiceId);
      const row = await instanceOf(tx, service, input.InstanceId);
      return { ResourceOwner: service.account, Instance: instanceView(row) };
    }),
});

export const ListInstances = operation('ListInstances', {
  resources: (input, scope) => [serviceArn(scope, input.ServiceId)],
  conditions: (input, scope) => ofService(scope, input.ServiceId),
  readOnly: true,
  handle: async (ctx, input) => {
    const limit = pageLimit(input.MaxResults);
    return ctx.read(async (tx) => {
      const service = await serviceOf(tx, ctx, input.ServiceId);
      const rows = await tx.list(instances, { where: ['service', service.arn] });
      const page = paginate(rows, (row) => row.id, { limit, token: input.NextToken, onBadToken: badToken });
      const Instances = page.items.map((row) => {
        const { CreatorRequestId: _, ...summary } = instanceView(row);
        return summary;
      });
      return {
        ResourceOwner: service.account,
        Instances,
        ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
      };
    });
  },
});
