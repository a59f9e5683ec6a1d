import { parseArn } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx } from '../../store/store.ts';
import { targetArn, targets } from './tables.ts';

export async function targetOfArn(tx: ReadTx, arn: string) {
  const id = /^scalable-target\/(.+)$/.exec(parseArn(arn)?.resource ?? '')?.[1];
  const [row] = id === undefined ? [] : await tx.list(targets, { where: ['id', id] });
  return row && targetArn(row, row.id) === arn ? row : undefined;
}

/** For aws:ResourceTag. */
export const tagsOfArn = async (tx: ReadTx, arn: string): Promise<Tags | undefined> =>
  (await targetOfArn(tx, arn))?.tags;
