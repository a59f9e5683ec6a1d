import { pageOf } from '../domain/pages.ts';
import { serviceArn } from '../domain/references.ts';
import { invalidParameter, serviceNotActive } from '../errors.ts';
import { managedServices } from '../express/managed.ts';
import { findCluster, findService } from '../lookups.ts';
import { clusterCondition, serviceResource } from '../authorization.ts';
import { operation } from '../operation.ts';
import { putService } from '../service-records.ts';
import { describeService } from '../service-view.ts';
import { services } from '../tables.ts';

export const DeleteService = operation('DeleteService', {
  resources: serviceResource,
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const cluster = await findCluster(tx, ctx, input.cluster);
      const row = await findService(tx, ctx, cluster, input.service);
      if (row.status === 'INACTIVE') throw serviceNotActive();
      // A daemon's count is not the user's to scale down.
      if (row.desiredCount > 0 && !input.force && row.schedulingStrategy !== 'DAEMON') {
        throw invalidParameter('The service cannot be stopped while it is scaled above 0.');
      }
      const draining = await putService(
        tx,
        { ...row, status: 'DRAINING' as const, desiredCount: 0, steady: false },
        ctx.now,
      );
      return { service: await describeService(tx, draining, ['TAGS']) };
    }),
});

export const DescribeServices = operation('DescribeServices', {
  readOnly: true,
  resources: (input, scope) =>
    (input.services ?? []).flatMap((service) => serviceResource({ cluster: input.cluster, service }, scope)),
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const unknown = (input.include ?? []).find((one) => one !== 'TAGS');
      if (unknown) throw invalidParameter(`Invalid include value: ${String(unknown)}.`);
      const cluster = await findCluster(tx, ctx, input.cluster);
      const references = input.services ?? [];
      if (references.length === 0) throw invalidParameter('Services cannot be empty.');
      if (references.length > 10) throw invalidParameter('Services can have at most 10 items.');
      const found = [];
      const failures = [];
      for (const reference of references) {
        const arn = serviceArn(ctx, cluster.name, reference);
        const row = await tx.get(services, arn);
        if (row && row.clusterArn === cluster.arn) found.push(await describeService(tx, row, input.include ?? []));
        else failures.push({ arn, reason: 'MISSING' });
      }
      return { services: found, failures };
    }),
});

/** Without those that are DRAINING: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html */
export const ListServices = operation('ListServices', {
  readOnly: true,
  resources: () => ['*'],
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const cluster = await findCluster(tx, ctx, input.cluster);
      const managed = await managedServices(tx, ctx);
      const rows = (await tx.list(services, { where: ['cluster', cluster.arn] })).filter(
        (row) =>
          row.status === 'ACTIVE' &&
          (input.launchType === undefined || row.launchType === input.launchType) &&
          (input.schedulingStrategy === undefined ||
            input.schedulingStrategy === (row.schedulingStrategy ?? 'REPLICA')) &&
          (input.resourceManagementType === undefined ||
            input.resourceManagementType === (managed.has(row.arn) ? 'ECS' : 'CUSTOMER')),
      );
      const page = pageOf(rows, (row) => row.arn, input, { size: 10 });
      return {
        serviceArns: page.items.map((row) => row.arn),
        ...page.next,
      };
    }),
});
