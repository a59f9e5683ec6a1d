import type { Scope } from '../../../kernel/arn.ts';
import { readRegion, writeRegion } from '../default-vpc.ts';
import { listRegion, nextTokenOf, pageOf } from '../describe.ts';
import { type FilterFields, matcher } from '../domain/filters.ts';
import { INSTANCE_TYPES } from '../domain/instance-types.ts';
import { arnsOf, KINDS } from '../domain/resource-kind.ts';
import { missingParameter } from '../errors.ts';
import { requireInstances } from '../instance-lookup.ts';
import { instances, type InstanceRow } from '../instance-tables.ts';
import { type Ec2Context, operation } from '../operation.ts';

interface Named {
  readonly InstanceIds: readonly string[] | undefined;
}

const named = ({ InstanceIds: ids }: Named, scope: Scope) =>
  arnsOf(KINDS.instance, scope, ids?.length ? [...new Set(ids)] : [undefined]);

export const MonitorInstances = operation('MonitorInstances', {
  resources: named,
  handle: (ctx, input) => setMonitoring(ctx, input, true),
});

export const UnmonitorInstances = operation('UnmonitorInstances', {
  resources: named,
  handle: (ctx, input) => setMonitoring(ctx, input, false),
});

async function setMonitoring(ctx: Ec2Context, { InstanceIds: ids }: Named, monitoring: boolean) {
  if (!ids?.length) throw missingParameter('InstanceId');
  const State: 'enabled' | 'disabled' = monitoring ? 'enabled' : 'disabled';
  return writeRegion(ctx, async (tx) => {
    const rows = await requireInstances(tx, ctx, ids);
    for (const row of rows) await tx.put<InstanceRow>(instances, { ...row, monitoring });
    return { InstanceMonitorings: rows.map((row) => ({ InstanceId: row.id, Monitoring: { State } })) };
  });
}

const FIELDS: FilterFields<InstanceRow> = { 'instance-id': (row) => row.id };

/** Of burstable instances: CPU credits are recorded, and not spent. */
export const DescribeInstanceCreditSpecifications = operation('DescribeInstanceCreditSpecifications', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const matches = matcher(FIELDS, input.Filters);
    const rows = await readRegion(ctx, (tx) =>
      input.InstanceIds?.length ? requireInstances(tx, ctx, input.InstanceIds) : listRegion(tx, instances, ctx),
    );
    const burstable = rows.filter((row) => INSTANCE_TYPES.get(row.instanceType)?.burstable && matches(row));
    const page = pageOf(burstable, (row) => row.id, input);
    return {
      InstanceCreditSpecifications: page.items.map((row) => ({
        InstanceId: row.id,
        CpuCredits: row.cpuCredits ?? (row.instanceType.startsWith('t2.') ? 'standard' : 'unlimited'),
      })),
      ...nextTokenOf(page),
    };
  },
});
