import { formatArn, parseArn, type Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx } from '../../store/store.ts';
import { placeIn } from './domain/parameter-name.ts';
import { parameterKey, parameters } from './tables.ts';

/** `arn:aws:ssm:us-east-1:123456789012:parameter/a/b`, of `/a/b` as of `a/b`. */
export function parameterArn(scope: Scope, name: string): string {
  return formatArn('ssm', scope, `parameter/${name.replace(/^\//, '')}`);
}

/** The ARN that a call touches, whatever its input names and whether that is well-formed. */
export function referencedArn(scope: Scope, text: string | undefined): string {
  const { rest, place = scope } = placeIn(text ?? '');
  return parameterArn(place, rest.split(':')[0] ?? '');
}

/** A parameter's tags, for `aws:ResourceTag`. */
export async function tagsOfArn(tx: ReadTx, arn: string): Promise<Tags | undefined> {
  const parsed = parseArn(arn);
  if (!parsed?.resource.startsWith('parameter/')) return undefined;
  return (await tx.get(parameters, parameterKey(parsed, parsed.resource.slice('parameter'.length))))?.tags;
}
