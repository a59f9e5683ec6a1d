import type { Service } from '@aws-sdk/client-ecs';
import type { ReadTx } from '../../store/store.ts';
import { taskSets } from './domain/task-set.ts';
import { expressServices } from './express/tables.ts';
import { tasks } from './tables.ts';
import type { ServiceRow } from './tables.ts';
import { serviceView } from './views/service.ts';
import { externalView } from './views/task-set.ts';

/** A service as DescribeServices shows it, with the counts of its tasks. */
export async function describeService(tx: ReadTx, row: ServiceRow, include: readonly string[] = []): Promise<Service> {
  const owned = await tx.list(tasks, { where: ['service', row.arn] });
  const express = await tx.get(expressServices, row.arn);
  const isManaged = express !== undefined && express.status !== 'INACTIVE';
  const seen = { ...serviceView(row, owned, include), ...(isManaged && { resourceManagementType: 'ECS' as const }) };
  if (!row.isExternal) return seen;
  return { ...seen, ...externalView(row, await tx.list(taskSets, { where: ['service', row.arn] }), owned) };
}
