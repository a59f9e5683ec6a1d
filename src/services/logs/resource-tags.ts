import { parseArn } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx } from '../../store/store.ts';
import { groupKey, logGroups } from './tables.ts';

/** A group's tags, by the ARN of the group or of one of its streams: for `aws:ResourceTag`. */
export async function tagsOfArn(tx: ReadTx, arn: string): Promise<Tags | undefined> {
  const parsed = parseArn(arn);
  const name = /^log-group:([^:*]+)/.exec(parsed?.resource ?? '')?.[1];
  return parsed && name !== undefined ? (await tx.get(logGroups, groupKey(parsed, name)))?.tags : undefined;
}
