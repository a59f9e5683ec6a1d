import type { Failure } from '@aws-sdk/client-ecs';
import type { ConditionValues } from '../../../api/operation.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx, Table } from '../../../store/store.ts';
import { pageOfDeployments } from '../domain/deployment-list.ts';
import { invalidParameter } from '../errors.ts';
import { getInScope } from '../lookups.ts';
import { operation } from '../operation.ts';
import { findDaemon } from '../daemons/lookups.ts';
import { clusterOfDaemon, daemonOfArn } from '../daemons/references.ts';
import { daemonDeployments, daemonRevisions } from '../daemons/tables.ts';
import { daemonDeploymentSummary, daemonDeploymentView, daemonRevisionView } from '../daemons/views.ts';

const MOST_DESCRIBED = 20;

/** The ARNs, and those of their daemons: ECS asks for both. */
function withDaemons(arns: readonly string[] | undefined): string[] {
  return [...new Set((arns ?? []).flatMap((arn) => [daemonOfArn(arn) ?? arn, arn]))];
}

/** `ecs:cluster` and `ecs:daemon`, where all ARNs are of one. */
function conditionsOf(arns: readonly string[] | undefined): ConditionValues {
  const [daemon, ...others] = new Set((arns ?? []).flatMap((arn) => daemonOfArn(arn) ?? []));
  if (daemon === undefined || others.length > 0) return {};
  return { 'ecs:cluster': clusterOfDaemon(daemon), 'ecs:daemon': daemon };
}

/** Up to 20 rows by their ARNs, each as it is shown, and the ARNs that name none. */
async function describeAll<R extends Scope, V>(
  { tx, scope, table, arns, member }: Described<R>,
  view: (row: R) => Promise<V>,
): Promise<{ readonly found: V[]; readonly failures: Failure[] }> {
  if (arns.length === 0) throw invalidParameter(`${member} cannot be empty.`);
  if (arns.length > MOST_DESCRIBED) throw invalidParameter(`${member} can have at most ${MOST_DESCRIBED} items.`);
  const found: V[] = [];
  const failures: Failure[] = [];
  for (const arn of arns) {
    const row = await getInScope(tx, table, scope, arn);
    if (row) found.push(await view(row));
    else failures.push({ arn, reason: 'MISSING' });
  }
  return { found, failures };
}

interface Described<R extends Scope> {
  readonly tx: ReadTx;
  readonly scope: Scope;
  readonly table: Table<R>;
  readonly arns: readonly string[];
  /** As the input calls them. */
  readonly member: string;
}

export const DescribeDaemonDeployments = operation('DescribeDaemonDeployments', {
  readOnly: true,
  resources: (input) => withDaemons(input.daemonDeploymentArns),
  conditions: (input) => conditionsOf(input.daemonDeploymentArns),
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const named = { arns: input.daemonDeploymentArns ?? [], member: 'daemonDeploymentArns' };
      const { found, failures } = await describeAll({ tx, scope: ctx, table: daemonDeployments, ...named }, (row) =>
        daemonDeploymentView(tx, row),
      );
      return { daemonDeployments: found, failures };
    }),
});

export const DescribeDaemonRevisions = operation('DescribeDaemonRevisions', {
  readOnly: true,
  resources: (input) => withDaemons(input.daemonRevisionArns),
  conditions: (input) => conditionsOf(input.daemonRevisionArns),
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const named = { arns: input.daemonRevisionArns ?? [], member: 'daemonRevisionArns' };
      const { found, failures } = await describeAll({ tx, scope: ctx, table: daemonRevisions, ...named }, (row) =>
        daemonRevisionView(tx, row),
      );
      return { daemonRevisions: found, failures };
    }),
});

/** The newest first. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListDaemonDeployments.html */
export const ListDaemonDeployments = operation('ListDaemonDeployments', {
  readOnly: true,
  resources: (input) => [input.daemonArn ?? ''],
  conditions: (input) => ({ 'ecs:cluster': clusterOfDaemon(input.daemonArn ?? '') }),
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const daemon = await findDaemon(tx, ctx, input.daemonArn);
      const page = pageOfDeployments(await tx.list(daemonDeployments, { where: ['daemon', daemon.arn] }), input);
      return {
        daemonDeployments: page.items.map(daemonDeploymentSummary),
        ...page.next,
      };
    }),
});
