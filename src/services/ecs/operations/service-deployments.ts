import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { clusterCondition, serviceResource } from '../authorization.ts';
import { conditionsOf, withServices } from '../service-conditions.ts';
import { findRun, withRun } from '../domain/deployment-hooks.ts';
import { isCleaningUp } from '../domain/traffic-plan.ts';
import { pageOfDeployments } from '../domain/deployment-list.ts';
import { invalidParameter, serviceDeploymentConflict, serviceDeploymentNotFound } from '../errors.ts';
import { findCluster, findService, getInScope } from '../lookups.ts';
import { operation } from '../operation.ts';
import { putService } from '../service-records.ts';
import { serviceDeployments } from '../service-tables.ts';
import type { ServiceDeploymentRow } from '../service-tables.ts';
import { services, tasks } from '../tables.ts';
import type { ServiceRow } from '../tables.ts';
import { serviceDeploymentBrief, serviceDeploymentView } from '../views/service-deployment.ts';

const MOST_DESCRIBED = 20;

export const ListServiceDeployments = operation('ListServiceDeployments', {
  readOnly: true,
  resources: serviceResource,
  conditions: clusterCondition,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const cluster = await findCluster(tx, ctx, input.cluster);
      const service = await findService(tx, ctx, cluster, input.service);
      const page = pageOfDeployments(await tx.list(serviceDeployments, { where: ['service', service.arn] }), input);
      return {
        serviceDeployments: page.items.map(serviceDeploymentBrief),
        ...page.next,
      };
    }),
});

export const DescribeServiceDeployments = operation('DescribeServiceDeployments', {
  readOnly: true,
  resources: (input) => withServices(input.serviceDeploymentArns),
  conditions: (input) => conditionsOf(input.serviceDeploymentArns),
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const arns = input.serviceDeploymentArns ?? [];
      if (arns.length === 0) throw invalidParameter('serviceDeploymentArns cannot be empty.');
      if (arns.length > MOST_DESCRIBED) {
        throw invalidParameter(`serviceDeploymentArns can have at most ${MOST_DESCRIBED} items.`);
      }
      const found: ServiceDeployment[] = [];
      const failures = [];
      for (const arn of arns) {
        const row = await getInScope(tx, serviceDeployments, ctx, arn);
        if (row) found.push(await describe(tx, row));
        else failures.push({ arn, reason: 'MISSING' });
      }
      return { serviceDeployments: found, failures };
    }),
});

async function describe(tx: ReadTx, row: ServiceDeploymentRow): Promise<ServiceDeployment> {
  const live = (await tx.list(tasks, { where: ['service', row.serviceArn] })).filter(
    (task) => task.lastStatus !== 'STOPPED',
  );
  return serviceDeploymentView(row, await tx.get(services, row.serviceArn), live);
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html */
export const StopServiceDeployment = operation('StopServiceDeployment', {
  resources: (input) => withServices([input.serviceDeploymentArn ?? '']),
  conditions: (input) => conditionsOf([input.serviceDeploymentArn ?? '']),
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const stopType = input.stopType ?? 'ROLLBACK';
      if (stopType !== 'ROLLBACK' && stopType !== 'ABORT') throw invalidParameter('Invalid stopType.');
      const { row, service } = await ongoing(tx, ctx, input.serviceDeploymentArn ?? '');
      const [primary, ...others] = service.deployments;
      if (primary?.serviceDeploymentArn !== row.arn || primary.isRollback || isCleaningUp(primary)) {
        throw serviceDeploymentConflict();
      }
      if (stopType === 'ROLLBACK' && !service.lastCompleted) {
        throw invalidParameter(
          'The service deployment cannot be rolled back: the service has no completed deployment.',
        );
      }
      const deployments = [{ ...primary, stopRequest: stopType, updatedAtMs: ctx.now }, ...others];
      await putService(tx, { ...service, deployments }, ctx.now);
      return { serviceDeploymentArn: row.arn };
    }),
});

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/continue-service-deployment.html */
export const ContinueServiceDeployment = operation('ContinueServiceDeployment', {
  resources: (input) => withServices([input.serviceDeploymentArn ?? '']),
  conditions: (input) => conditionsOf([input.serviceDeploymentArn ?? '']),
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const { serviceDeploymentArn = '', hookId = '', action = 'CONTINUE' } = input;
      if (action !== 'CONTINUE' && action !== 'ROLLBACK') throw invalidParameter('Invalid action.');
      const row = await getInScope(tx, serviceDeployments, ctx, serviceDeploymentArn);
      const service = row && (await tx.get(services, row.serviceArn));
      if (!row || !service) throw serviceDeploymentNotFound();
      const [primary] = service.deployments;
      const run = primary?.serviceDeploymentArn === row.arn ? findRun(service, hookId) : undefined;
      if (!run) throw invalidParameter(`The service deployment has no lifecycle hook ${hookId}.`);
      const isPaused = run.status === 'AWAITING_ACTION';
      const isOngoing = primary?.rolloutState === 'IN_PROGRESS' && service.status === 'ACTIVE';
      if (!isPaused || !isOngoing || run.expiresAtMs <= ctx.now) {
        throw invalidParameter(`The lifecycle hook ${hookId} is not awaiting an action.`);
      }
      const done = { ...run, status: 'SUCCEEDED' as const, ...(action === 'ROLLBACK' && { isRefused: true as const }) };
      await putService(tx, { ...withRun(service, done, ctx.now), revision: service.revision }, ctx.now);
      return { serviceDeploymentArn: row.arn };
    }),
});

/** @throws ServiceDeploymentNotFoundException, or ConflictException for one that is not in progress */
async function ongoing(
  tx: ReadTx,
  scope: Scope,
  arn: string,
): Promise<{ row: ServiceDeploymentRow; service: Stored<ServiceRow> }> {
  const row = await getInScope(tx, serviceDeployments, scope, arn);
  const service = row && (await tx.get(services, row.serviceArn));
  if (!row || !service) throw serviceDeploymentNotFound();
  if (row.status !== 'IN_PROGRESS' || service.status !== 'ACTIVE') throw serviceDeploymentConflict();
  return { row, service };
}
