import { tagOnCreate } from '../authorization.ts';
import {
  getInstance,
  inCluster,
  instanceResources,
  registeredInstances,
  requireInstance,
  tasksOn,
  wakeServices,
} from '../container-instance-lookup.ts';
import { containerInstances } from '../container-instance-tables.ts';
import { drained, readmitted, retire } from '../container-instance-states.ts';
import { compileQuery } from '../domain/placement/cluster-query.ts';
import { occupied } from '../domain/placed-instances.ts';
import { pageOf } from '../domain/pages.ts';
import { awaitingDaemons } from '../daemons/gate.ts';
import { clusterArn, containerInstanceArn } from '../domain/references.ts';
import { registrationOf } from '../domain/registration.ts';
import { checkTagCount, tagsOf } from '../domain/tag-list.ts';
import { invalidParameter, noUpdateAvailable } from '../errors.ts';
import { activeCluster, findCluster } from '../lookups.ts';
import { operation } from '../operation.ts';
import { describedInstance, registeredRow } from '../registration.ts';
import { containerInstanceView } from '../views/container-instance.ts';

const MOST_DESCRIBED = 100;
const MOST_CHANGED = 10;
const INCLUDED = ['TAGS', 'CONTAINER_INSTANCE_HEALTH'];

/** The agent's call. An instance that is in the cluster already keeps its ARN, its status and what was put on it. */
export const RegisterContainerInstance = operation('RegisterContainerInstance', {
  resources: (input, scope) => [clusterArn(scope, input.cluster)],
  also: (input, scope) => tagOnCreate(input, 'RegisterContainerInstance', instanceResources(input, ['*'], scope)),
  async handle(ctx, input) {
    const wanted = registrationOf(input, ctx);
    const tags = tagsOf(input.tags);
    checkTagCount(tags);
    await ctx.read((tx) => activeCluster(tx, ctx, input.cluster));
    const ec2 = await describedInstance(ctx.call, wanted.ec2InstanceId);
    return ctx.write(async (tx) => {
      const cluster = await activeCluster(tx, ctx, input.cluster);
      const row = await registeredRow(tx, ctx, { input, wanted, ec2, cluster, tags });
      const stored = await tx.put(containerInstances, row.version === 1 ? await awaitingDaemons(tx, row) : row);
      await wakeServices(tx, cluster.arn);
      return { containerInstance: containerInstanceView(stored, await tasksOn(tx, stored.arn), ['TAGS']) };
    });
  },
});

export const DeregisterContainerInstance = operation('DeregisterContainerInstance', {
  resources: (input, scope) => [clusterArn(scope, input.cluster)],
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const cluster = await findCluster(tx, ctx, input.cluster);
      const row = await requireInstance(tx, ctx, cluster, input.containerInstance ?? '');
      const running = (await tasksOn(tx, row.arn)).filter((task) => task.desiredStatus === 'RUNNING');
      if (running.length > 0 && !input.force) throw invalidParameter('Found running tasks on the instance.');
      const retired = await retire(tx, row, 'Container instance deregistration forced by user', ctx.now);
      return { containerInstance: containerInstanceView(retired, await tasksOn(tx, row.arn)) };
    }),
});

export const DescribeContainerInstances = operation('DescribeContainerInstances', {
  readOnly: true,
  resources: (input, scope) => instanceResources(input, input.containerInstances ?? [], scope),
  conditions: inCluster,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const { containerInstances: references = [], include = [] } = input;
      const unknown = include.find((one) => !INCLUDED.includes(one));
      if (unknown) throw invalidParameter(`Invalid include value: ${unknown}.`);
      const cluster = await findCluster(tx, ctx, input.cluster);
      if (references.length === 0) throw invalidParameter('Container Instance can not be blank.');
      if (references.length > MOST_DESCRIBED) {
        throw invalidParameter(`Container instances can have at most ${MOST_DESCRIBED} items.`);
      }
      const found = [];
      const failures = [];
      for (const reference of references) {
        const row = await getInstance(tx, ctx, cluster, reference);
        if (row) found.push(containerInstanceView(row, await tasksOn(tx, row.arn), include));
        else failures.push({ arn: containerInstanceArn(ctx, cluster.name, reference), reason: 'MISSING' });
      }
      return { containerInstances: found, failures };
    }),
});

export const ListContainerInstances = operation('ListContainerInstances', {
  readOnly: true,
  resources: (input, scope) => [clusterArn(scope, input.cluster)],
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const cluster = await findCluster(tx, ctx, input.cluster);
      const query = input.filter ? compileQuery(input.filter) : () => true;
      const rows = (await registeredInstances(tx, cluster.arn)).filter(
        ({ status }) => input.status === undefined || input.status === status,
      );
      const chosen = [];
      for (const row of rows) if (query(occupied(row, await tasksOn(tx, row.arn)))) chosen.push(row);
      const page = pageOf(chosen, (row) => row.arn, input, { size: 100 });
      return {
        containerInstanceArns: page.items.map((row) => row.arn),
        ...page.next,
      };
    }),
});

/**
 * DRAINING: no new tasks; those of services leave as their services' percentages allow, others go on.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-draining.html
 */
export const UpdateContainerInstancesState = operation('UpdateContainerInstancesState', {
  resources: (input, scope) => instanceResources(input, input.containerInstances ?? [], scope),
  conditions: inCluster,
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const { containerInstances: references = [], status } = input;
      if (status !== 'ACTIVE' && status !== 'DRAINING') throw invalidParameter('Container instance status is invalid.');
      const cluster = await activeCluster(tx, ctx, input.cluster);
      if (references.length === 0) throw invalidParameter('Container Instance can not be blank.');
      if (references.length > MOST_CHANGED) {
        throw invalidParameter(`Container instances can have at most ${MOST_CHANGED} items.`);
      }
      const changed = [];
      const failures = [];
      for (const reference of references) {
        const row = await getInstance(tx, ctx, cluster, reference);
        if (!row || row.status === 'INACTIVE') {
          const arn = containerInstanceArn(ctx, cluster.name, reference);
          failures.push({ arn, reason: row ? 'INACTIVE' : 'MISSING' });
          continue;
        }
        const after = status === 'DRAINING' ? await drained(tx, row, ctx.now) : await readmitted(tx, row);
        changed.push(containerInstanceView(after, await tasksOn(tx, after.arn), ['TAGS']));
      }
      await wakeServices(tx, cluster.arn);
      return { containerInstances: changed, failures };
    }),
});

/** Agents are part of this server: there is never a newer one. */
export const UpdateContainerAgent = operation('UpdateContainerAgent', {
  resources: (input, scope) => instanceResources(input, [input.containerInstance ?? ''], scope),
  conditions: inCluster,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const cluster = await findCluster(tx, ctx, input.cluster);
      await requireInstance(tx, ctx, cluster, input.containerInstance ?? '');
      throw noUpdateAvailable();
    }),
});
