import type { Failure, StartTaskCommandInput } from '@aws-sdk/client-ecs';
import type { Context } from '../../../api/context.ts';
import type { WriteTx } from '../../../store/store.ts';
import { clusterCondition, definitionResource, passRoles, tagOnCreate, taskResources } from '../authorization.ts';
import { instanceResources } from '../container-instance-lookup.ts';
import { launchNetwork, launchOf } from '../domain/launch.ts';
import { newTask } from '../domain/new-task.ts';
import type { Demand } from '../domain/placement/instance.ts';
import type { Placer } from '../domain/placement/placer.ts';
import { placementFailures } from '../domain/placement/reasons.ts';
import { containerInstanceArn } from '../domain/references.ts';
import { checkExec, checkRunTask } from '../domain/run-task.ts';
import { checkOverrides } from '../domain/task-overrides.ts';
import { invalidParameter, refuseUnsupported } from '../errors.ts';
import { demandFor, instanceRows, needsOf, placeIn } from '../instance-placement.ts';
import { activeCluster, activeDefinition, findTaskDefinition } from '../lookups.ts';
import { operation } from '../operation.ts';
import type { EcsPorts } from '../operation.ts';
import { withPlacer } from '../placed-clusters.ts';
import { taskSettings } from '../settings.ts';
import { taskDefinitions, tasks } from '../tables.ts';
import type { AwsVpcRow, TaskRow } from '../tables.ts';
import { taskView } from '../views/task.ts';
import { checkRoles, tagsFor } from './run-task.ts';

const MOST_INSTANCES = 10;

/** A task on each of the instances that are named, without any placement: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StartTask.html */
export const StartTask = operation('StartTask', {
  resources: async (input, scope, tx) => [await definitionResource(tx, scope, input.taskDefinition ?? '')],
  conditions: (input, scope) => ({
    ...clusterCondition(input, scope),
    'ecs:container-instances': instanceResources(input, input.containerInstances ?? [], scope),
    'ecs:enable-execute-command': String(input.enableExecuteCommand ?? false),
    'ecs:enable-ebs-volumes': String((input.volumeConfigurations?.length ?? 0) > 0),
  }),
  also: async (input, scope, tx) => [
    ...passRoles(scope, (await findTaskDefinition(tx, scope, input.taskDefinition ?? ''))?.definition, input.overrides),
    ...tagOnCreate(input, 'StartTask', taskResources(input, ['*'], scope)),
  ],
  async handle(ctx, input) {
    check(input);
    const cluster = await ctx.read((tx) => activeCluster(tx, ctx, input.cluster));
    const definition = await ctx.read((tx) => activeDefinition(tx, ctx, input.taskDefinition ?? ''));
    const wanted = launchOf({ launchType: 'EC2' }, cluster, definition);
    checkExec(input, definition);
    await checkRoles(ctx, definition, input);
    const network = await launchNetwork(ctx.call, wanted, definition, input.networkConfiguration);
    const { rows, failures } = await ctx.write((tx) => start(ctx, tx, input, { arn: definition.arn, network }));
    return ctx.read(async (tx) => {
      const [first] = rows;
      const started = first && (await tx.get(taskDefinitions, first.taskDefinitionArn));
      return { tasks: rows.map((row) => taskView(row, started, ['TAGS'])), failures };
    });
  },
});

function check(input: StartTaskCommandInput): void {
  const { containerInstances = [], propagateTags } = input;
  refuseUnsupported(input, ['volumeConfigurations']);
  if (containerInstances.length === 0) throw invalidParameter('Container instances cannot be empty.');
  if (containerInstances.length > MOST_INSTANCES) {
    throw invalidParameter(`Container instances can have at most ${MOST_INSTANCES} items.`);
  }
  const { taskDefinition, group, startedBy, referenceId } = input;
  checkRunTask({
    taskDefinition,
    ...(group === undefined ? {} : { group }),
    ...(startedBy === undefined ? {} : { startedBy }),
    ...(propagateTags === undefined ? {} : { propagateTags }),
    ...(referenceId === undefined ? {} : { referenceId }),
  });
}

/** Of the revision that was checked: a family alone may be another by now. */
async function start(
  ctx: Context<EcsPorts>,
  tx: WriteTx,
  input: StartTaskCommandInput,
  { arn, network }: { readonly arn: string; readonly network: AwsVpcRow },
): Promise<{ readonly rows: TaskRow[]; readonly failures: Failure[] }> {
  const cluster = await activeCluster(tx, ctx, input.cluster);
  const definition = await activeDefinition(tx, ctx, arn);
  const overrides = checkOverrides(input.overrides, definition, 'EC2');
  const group = input.group ?? `family:${definition.family}`;
  const demand = demandFor({ definition, overrides, network, group, strategy: [] }, ctx.ports.registryHost);
  const common = {
    cluster,
    definition,
    network,
    overrides,
    tags: tagsFor(input, cluster, definition),
    group: input.group,
    startedBy: input.startedBy,
    enableExecuteCommand: input.enableExecuteCommand,
    ...(await taskSettings(tx, ctx, ctx.principal)),
  };
  const named = (input.containerInstances ?? []).map((one) => containerInstanceArn(ctx, cluster.name, one));
  const { chosen, failures } = await withPlacer(tx, cluster.arn, ctx.ids, (placer) => choose(placer, named, demand));
  const rows: TaskRow[] = [];
  for (const instance of await instanceRows(tx, chosen)) {
    const row = newTask({ ...common, ...placeIn(instance, demand, network, rows) }, ctx.ids, ctx.now);
    rows.push(await tx.put(tasks, row));
  }
  return { rows, failures };
}

/** Those of the named instances that take the task, and why the others do not. */
function choose(placer: Placer, named: readonly string[], demand: Demand): { chosen: string[]; failures: Failure[] } {
  const chosen: string[] = [];
  const failures: Failure[] = [];
  for (const arn of named) {
    const refused = placer.whyNot(arn, demand);
    if (!refused) failures.push({ arn, reason: 'MISSING' });
    else if (refused.refusals.some(({ reason }) => reason === 'DRAINING' || reason === 'REGISTERING'))
      failures.push({ arn, reason: 'INACTIVE' });
    else if (refused.refusals.length > 0) failures.push(...placementFailures([refused]));
    else {
      placer.addTask({ id: `new/${chosen.length}`, instanceId: arn, group: demand.group, ...needsOf(demand) });
      chosen.push(arn);
    }
  }
  return { chosen, failures };
}
