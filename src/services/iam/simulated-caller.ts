import type { Tags } from '../../kernel/tags.ts';
import type { ConditionValues, PolicyPrincipal } from '../../policy/model.ts';
import type { SimulatedCaller } from './domain/simulation.ts';
import { invalidInput } from './errors.ts';
import { entityName, type Entity } from './policy-source.ts';

/** A user, group or role of this account as the one who calls. */
export function callerOf({ kind, arn, row }: Entity): SimulatedCaller {
  const { account, id, name } = row;
  if (kind === 'role') return roleCaller(arn, { account, name, id, tags: row.tags });
  return userCaller(arn, { account, id, ...(kind === 'user' && { name, tags: row.tags }) });
}

/**
 * A caller of which only the ARN is known: it may be of another account, or not exist.
 * @throws ServiceError InvalidInput
 */
export function namedCaller(arn: string): SimulatedCaller {
  const { kind, name, owner: account } = entityName(arn);
  if (!/^\d{12}$/.test(account)) throw invalidInput(`Invalid ARN: ${arn}`);
  if (kind === 'role') return roleCaller(arn, { account, name });
  return userCaller(arn, { account, ...(kind === 'user' && { name }) });
}

/** Nobody in particular, of the account that asks. */
export function anybodyOf(account: string): SimulatedCaller {
  return { principal: { kind: 'user', account, arn: `arn:aws:iam::${account}:user/*`, userId: '' }, values: {} };
}

interface Known {
  readonly account: string;
  readonly name?: string;
  readonly id?: string;
  readonly tags?: Tags;
}

function userCaller(arn: string, { account, name, id, tags = {} }: Known): SimulatedCaller {
  const values = {
    ...(id !== undefined && { 'aws:userid': id }),
    ...(name !== undefined && { 'aws:username': name }),
    'aws:principaltype': 'User',
    ...commonValues(arn, account, tags),
  };
  return { principal: { kind: 'user', account, arn, userId: id ?? '' }, values };
}

/** Who has assumed the role: policies name the role, or one session of it. */
function roleCaller(roleArn: string, { account, name = '', id, tags = {} }: Known): SimulatedCaller {
  const principal: PolicyPrincipal = {
    kind: 'assumed-role',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/${name}/simulation`,
    roleArn,
    userId: `${id ?? ''}:simulation`,
  };
  return { principal, values: { 'aws:principaltype': 'AssumedRole', ...commonValues(roleArn, account, tags) } };
}

/** What is known of a caller without being told. All else stands in the request, as it is not known before a call is made. */
function commonValues(arn: string, account: string, tags: Tags): ConditionValues {
  const tagValues = Object.entries(tags).map(([key, value]) => [`aws:principaltag/${key.toLowerCase()}`, value]);
  return { 'aws:principalarn': arn, 'aws:principalaccount': account, ...Object.fromEntries(tagValues) };
}
