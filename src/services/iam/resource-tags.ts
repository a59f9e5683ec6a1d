import { parseArn } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx, Table } from '../../store/store.ts';
import { instanceProfileArn, policyArn, roleArn, userArn } from './arns.ts';
import { iamKey, instanceProfiles, oidcProviders, policies, roles, users } from './tables.ts';

interface Tagged {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  readonly tags: Tags;
}

interface Kind {
  readonly table: Table<any>;
  readonly arn: (row: Tagged) => string;
}

/** By the first part of the ARN's resource. Groups have no tags. */
const KINDS: Readonly<Record<string, Kind>> = {
  user: { table: users, arn: userArn },
  role: { table: roles, arn: roleArn },
  policy: { table: policies, arn: policyArn },
  'instance-profile': { table: instanceProfiles, arn: instanceProfileArn },
};

/** The tags of what has this ARN, path and all: `Service.resourceTags`. */
export async function resourceTags(tx: ReadTx, arn: string): Promise<Tags | undefined> {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'iam') return undefined;
  const [kind = '', ...path] = parsed.resource.split('/');
  if (kind === 'oidc-provider') return (await tx.get(oidcProviders, arn))?.tags;
  const found = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (!found) return undefined;
  const row: Tagged | undefined = await tx.get(found.table, iamKey(parsed.account, path.at(-1) ?? ''));
  return row && found.arn(row) === arn ? row.tags : undefined;
}
