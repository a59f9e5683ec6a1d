import { isDeepStrictEqual } from 'node:util';
import type { ConditionValues } from '../../../api/operation.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx, Stored, WriteTx } from '../../../store/store.ts';
import { capacityProviderArn, capacityProviderConditions, passRoles, tagOnCreate } from '../authorization.ts';
import { requestHash } from '../domain/client-token.ts';
import { pageOf } from '../domain/pages.ts';
import { clusterArn, clusterNameOf } from '../domain/references.ts';
import { checkTagCount, tagsOf } from '../domain/tag-list.ts';
import { invalidParameter } from '../errors.ts';
import { activeCluster, findCluster } from '../lookups.ts';
import { operation } from '../operation.ts';
import {
  checkCreateDaemon,
  checkLaunchable,
  checkPropagateTags,
  checkedProviders,
  configurationOf,
} from '../daemons/checks.ts';
import { activeDaemon, activeDaemonDefinition, findDaemon, findDaemonDefinition } from '../daemons/lookups.ts';
import { forgetOld, newDeployment, newRevision, stopDeployment } from '../daemons/records.ts';
import { clusterOfDaemon, daemonArn } from '../daemons/references.ts';
import { daemonDeployments, daemonRevisions, daemons } from '../daemons/tables.ts';
import type { DaemonDeploymentRow, DaemonRevisionRow, DaemonRow, DaemonWorkload } from '../daemons/tables.ts';
import { daemonDetail, daemonSummary } from '../daemons/views.ts';

interface DaemonInput {
  readonly daemonTaskDefinitionArn?: string | undefined;
  readonly capacityProviderArns?: readonly string[] | undefined;
  readonly enableExecuteCommand?: boolean | undefined;
  readonly enableECSManagedTags?: boolean | undefined;
  readonly propagateTags?: string | undefined;
}

/** What the request tells of the daemon, for policies that restrict it. */
async function daemonConditions(input: DaemonInput, scope: Scope, tx: ReadTx): Promise<ConditionValues> {
  const reference = input.daemonTaskDefinitionArn ?? '';
  const { cpu, memory } = (await findDaemonDefinition(tx, scope, reference))?.definition ?? {};
  return {
    ...capacityProviderConditions(scope, input.capacityProviderArns),
    'ecs:daemon-task-definition': reference,
    ...(input.enableExecuteCommand !== undefined && {
      'ecs:enable-execute-command': String(input.enableExecuteCommand),
    }),
    ...(input.enableECSManagedTags !== undefined && {
      'ecs:enable-ecs-managed-tags': String(input.enableECSManagedTags),
    }),
    ...(input.propagateTags !== undefined && { 'ecs:propagate-tags': input.propagateTags }),
    ...(cpu !== undefined && { 'ecs:task-cpu': cpu }),
    ...(memory !== undefined && { 'ecs:task-memory': memory }),
  };
}

const clusterOf = (arn: string | undefined) => ({ 'ecs:cluster': clusterOfDaemon(arn ?? '') });

function created(input: { readonly clusterArn?: string | undefined; readonly daemonName?: string | undefined }) {
  return (scope: Scope) => daemonArn(scope, clusterNameOf(clusterArn(scope, input.clusterArn)), input.daemonName ?? '');
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateDaemon.html */
export const CreateDaemon = operation('CreateDaemon', {
  resources: (input, scope) => [created(input)(scope)],
  conditions: async (input, scope, tx) => ({
    'ecs:cluster': clusterArn(scope, input.clusterArn),
    ...(await daemonConditions(input, scope, tx)),
  }),
  also: async (input, scope, tx) => [
    ...passRoles(scope, (await findDaemonDefinition(tx, scope, input.daemonTaskDefinitionArn ?? ''))?.definition),
    ...tagOnCreate(input, 'CreateDaemon', [created(input)(scope)]),
  ],
  async handle(ctx, input) {
    checkCreateDaemon(input);
    const configuration = configurationOf(input.deploymentConfiguration);
    const tags = tagsOf(input.tags);
    checkTagCount(tags);
    const reference = input.daemonTaskDefinitionArn ?? '';
    const checked = await ctx.read((tx) => activeDaemonDefinition(tx, ctx, reference));
    await checkLaunchable(ctx, checked, input.enableExecuteCommand ?? false);
    const { account, region, now } = ctx;
    return ctx.write(async (tx) => {
      const cluster = await activeCluster(tx, ctx, input.clusterArn);
      const arn = daemonArn(ctx, cluster.name, input.daemonName ?? '');
      const token = input.clientToken && { clientToken: input.clientToken, requestHash: requestHash(input) };
      const found = await tx.get(daemons, arn);
      if (found)
        return { ...daemonSummary(sameRequest(found, token || undefined)), deploymentArn: found.deploymentArn };
      // The revision that was checked: a family alone may be another by now.
      const definition = await activeDaemonDefinition(tx, ctx, checked.arn);
      const capacityProviders = await checkedProviders(tx, ctx, cluster, input.capacityProviderArns ?? []);
      const begun: Omit<DaemonRow, 'deploymentArn'> = {
        account,
        region,
        arn,
        name: input.daemonName ?? '',
        clusterArn: cluster.arn,
        status: 'ACTIVE',
        capacityProviders,
        configuration,
        tags,
        ...token,
        createdAtMs: now,
        updatedAtMs: now,
      };
      const revision = newRevision(begun, workloadOf(input, definition.arn), definition, ctx);
      const deployment = await newDeployment(tx, begun, revision.arn, ctx);
      await tx.put(daemonRevisions, revision);
      await tx.put(daemonDeployments, deployment);
      const row = await tx.put(daemons, { ...begun, deploymentArn: deployment.arn });
      const { updatedAt: _updatedAt, ...summary } = daemonSummary(row);
      return { ...summary, deploymentArn: deployment.arn };
    });
  },
});

function sameRequest(
  found: DaemonRow,
  token: { readonly clientToken: string; readonly requestHash: string } | undefined,
): DaemonRow {
  const isSame = token?.clientToken === found.clientToken && token?.requestHash === found.requestHash;
  if (token && isSame) return found;
  throw invalidParameter('Creation of daemon was not idempotent.');
}

function workloadOf(
  input: DaemonInput & { readonly critical?: boolean | undefined },
  taskDefinitionArn: string,
  before?: DaemonWorkload,
): DaemonWorkload {
  const { enableECSManagedTags, enableExecuteCommand, critical, propagateTags } = input;
  return {
    taskDefinitionArn,
    propagateTags: propagateTags === undefined ? (before?.propagateTags ?? 'NONE') : propagateTagsOf(propagateTags),
    enableEcsManagedTags: enableECSManagedTags ?? before?.enableEcsManagedTags ?? false,
    enableExecuteCommand: enableExecuteCommand ?? before?.enableExecuteCommand ?? false,
    critical: critical ?? before?.critical ?? true,
  };
}

const propagateTagsOf = (value: string) => (value === 'DAEMON' ? 'DAEMON' : 'NONE');

/**
 * What is left out stays. Where the tasks would be the same no new revision is made, so only instances that come or go
 * with their capacity providers are replaced.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateDaemon.html
 */
export const UpdateDaemon = operation('UpdateDaemon', {
  resources: (input) => [input.daemonArn ?? ''],
  conditions: async (input, scope, tx) => ({
    ...clusterOf(input.daemonArn),
    ...(await daemonConditions(input, scope, tx)),
  }),
  also: async (input, scope, tx) =>
    passRoles(scope, (await findDaemonDefinition(tx, scope, input.daemonTaskDefinitionArn ?? ''))?.definition),
  async handle(ctx, input) {
    checkPropagateTags(input);
    const { before, checked } = await ctx.read(async (tx) => {
      const daemon = await activeDaemon(tx, ctx, input.daemonArn);
      const found = await activeDaemonDefinition(tx, ctx, input.daemonTaskDefinitionArn ?? '');
      return { before: await latestRevision(tx, daemon), checked: found };
    });
    const asked = workloadOf(input, checked.arn, before);
    await checkLaunchable(ctx, checked, asked.enableExecuteCommand);
    return ctx.write(async (tx) => {
      const daemon = await activeDaemon(tx, ctx, input.daemonArn);
      const cluster = await activeCluster(tx, ctx, daemon.clusterArn);
      const definition = await activeDaemonDefinition(tx, ctx, checked.arn);
      const changed = {
        ...daemon,
        capacityProviders: await checkedProviders(tx, ctx, cluster, input.capacityProviderArns ?? []),
        configuration: configurationOf(input.deploymentConfiguration, daemon.configuration),
      };
      const latest = await latestRevision(tx, daemon);
      const workload = workloadOf(input, definition.arn, latest);
      const isSame = latest !== undefined && isDeepStrictEqual(workloadIn(latest), workload);
      const revision = isSame ? latest : newRevision(daemon, workload, definition, ctx);
      if (!isSame) await tx.put(daemonRevisions, revision);
      const row = await deploy(tx, changed, revision.arn, ctx);
      return { ...daemonSummary(row), deploymentArn: row.deploymentArn };
    });
  },
});

async function latestRevision(tx: ReadTx, daemon: DaemonRow): Promise<Stored<DaemonRevisionRow> | undefined> {
  const deployment = await tx.get(daemonDeployments, daemon.deploymentArn);
  const arn = deployment?.failure ? daemon.stableRevisionArn : deployment?.targetRevisionArn;
  return arn === undefined ? undefined : tx.get(daemonRevisions, arn);
}

function workloadIn(row: DaemonWorkload): DaemonWorkload {
  const { taskDefinitionArn, propagateTags, enableEcsManagedTags, enableExecuteCommand, critical } = row;
  return { taskDefinitionArn, propagateTags, enableEcsManagedTags, enableExecuteCommand, critical };
}

/** A new deployment takes the place of the one before. */
async function deploy(
  tx: WriteTx,
  daemon: Stored<DaemonRow>,
  targetRevisionArn: string | undefined,
  making: Parameters<typeof newDeployment>[3],
): Promise<Stored<DaemonRow>> {
  const { now } = making;
  await stopDeployment(tx, daemon.deploymentArn, now);
  await forgetOld(tx, daemon.arn, now);
  const deployment: DaemonDeploymentRow = await newDeployment(tx, daemon, targetRevisionArn, making);
  await tx.put(daemonDeployments, deployment);
  return tx.put(daemons, { ...daemon, deploymentArn: deployment.arn, updatedAtMs: now });
}

/** Its tasks go with their instances, which are drained and replaced: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteDaemon.html */
export const DeleteDaemon = operation('DeleteDaemon', {
  resources: (input) => [input.daemonArn ?? ''],
  conditions: (input) => clusterOf(input.daemonArn),
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const daemon = await activeDaemon(tx, ctx, input.daemonArn);
      const row = await deploy(tx, { ...daemon, status: 'DELETE_IN_PROGRESS' as const }, undefined, ctx);
      return { ...daemonSummary(row), deploymentArn: row.deploymentArn };
    }),
});

export const DescribeDaemon = operation('DescribeDaemon', {
  readOnly: true,
  resources: (input) => [input.daemonArn ?? ''],
  conditions: (input) => clusterOf(input.daemonArn),
  handle: (ctx, input) =>
    ctx.read(async (tx) => ({ daemon: await daemonDetail(tx, await findDaemon(tx, ctx, input.daemonArn)) })),
});

export const ListDaemons = operation('ListDaemons', {
  readOnly: true,
  resources: () => ['*'],
  conditions: (input, scope) => ({ 'ecs:cluster': clusterArn(scope, input.clusterArn) }),
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const cluster = await findCluster(tx, ctx, input.clusterArn);
      const wanted = (input.capacityProviderArns ?? []).map((one) => capacityProviderArn(ctx, one));
      const rows = (await tx.list(daemons, { where: ['cluster', cluster.arn] })).filter(
        (row) => wanted.length === 0 || row.capacityProviders.some((arn) => wanted.includes(arn)),
      );
      const page = pageOf(rows, (row) => row.arn, input, { size: 100 });
      return {
        daemonSummariesList: page.items.map(daemonSummary),
        ...page.next,
      };
    }),
});
