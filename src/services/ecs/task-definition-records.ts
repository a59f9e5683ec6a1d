import type { Context } from '../../api/context.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { Stored, WriteTx } from '../../store/store.ts';
import { taskDefinitionArn } from './domain/references.ts';
import { families, familyKey, taskDefinitions } from './tables.ts';
import type { TaskDefinitionRow } from './tables.ts';

/** Writes the next revision of a family; the definition is checked already. */
export async function putTaskDefinition(
  tx: WriteTx,
  ctx: Pick<Context, 'account' | 'region' | 'now' | 'principal'>,
  definition: TaskDefinitionRow['definition'],
  tags: Tags,
): Promise<Stored<TaskDefinitionRow>> {
  const { account, region } = ctx;
  const family = definition.family ?? '';
  const last = await tx.get(families, familyKey(ctx, family));
  const number = (last?.lastNumber ?? 0) + 1;
  await tx.put(families, { ...(last ?? { account, region, family }), lastNumber: number });
  return tx.put<TaskDefinitionRow>(taskDefinitions, {
    account,
    region,
    arn: taskDefinitionArn(ctx, family, number),
    family,
    number,
    status: 'ACTIVE',
    definition,
    registeredAtMs: ctx.now,
    registeredBy: ctx.principal.arn,
    tags,
  });
}
