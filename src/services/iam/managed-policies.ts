import { parseArn } from '../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { awsManagedPolicies, awsManagedPolicy, type AwsManagedPolicy } from './domain/aws-managed.ts';
import { checkLength } from './domain/names.ts';
import { invalidInput } from './errors.ts';
import { notAttachable, outsideAccount, policyNotFound } from './policy-errors.ts';
import { iamKey, policies, type PolicyRow } from './tables.ts';

/** A managed policy, whoever wrote it: a customer's row, or one of AWS's own. */
export interface ManagedPolicy extends Omit<PolicyRow, 'account' | 'lastVersion'> {
  readonly owner: 'customer' | 'aws';
}

/** By its ARN, which must name its path as it is. */
export async function managedPolicy(tx: ReadTx, account: string, arn: string): Promise<ManagedPolicy | undefined> {
  const aws = awsManagedPolicy(arn);
  if (aws) return ofAws(aws);
  const row = await customerPolicy(tx, account, arn);
  return row && ofCustomer(row);
}

/** Throws what AWS answers where there is none: NoSuchEntity in the words of GetPolicy. */
export async function requireManagedPolicy(tx: ReadTx, account: string, arn: string): Promise<ManagedPolicy> {
  const policy = await managedPolicy(tx, account, checkPolicyArn(arn));
  if (!policy) throw policyNotFound(arn);
  return policy;
}

/** As GetPolicy, but in the words of every operation that would use the policy. */
export async function requireAttachablePolicy(tx: ReadTx, account: string, arn: string): Promise<ManagedPolicy> {
  const policy = await managedPolicy(tx, account, checkPolicyArn(arn));
  if (!policy) throw notAttachable(arn);
  return policy;
}

/** The row of a policy that is to be changed: AWS's own belong to another account. */
export async function requireCustomerPolicy(tx: ReadTx, account: string, arn: string): Promise<Stored<PolicyRow>> {
  if (parseArn(checkPolicyArn(arn))?.account === 'aws') {
    throw outsideAccount();
  }
  const row = await customerPolicy(tx, account, arn);
  if (!row) throw notAttachable(arn);
  return row;
}

export async function customerPolicy(tx: ReadTx, account: string, arn: string): Promise<Stored<PolicyRow> | undefined> {
  const name = customerPolicyName(account, arn);
  const row = name === undefined ? undefined : await tx.get(policies, iamKey(account, name));
  return row?.arn === arn ? row : undefined;
}

/** Every managed policy that the account has, its own and AWS's. */
export async function policiesOf(
  tx: ReadTx,
  account: string,
  wanted: { readonly customer: boolean; readonly aws: boolean },
): Promise<ManagedPolicy[]> {
  const rows = wanted.customer ? await tx.list(policies, { where: ['account', account] }) : [];
  return [...rows.map(ofCustomer), ...(wanted.aws ? awsManagedPolicies().map(ofAws) : [])];
}

/** For lists: customer policies, then AWS's own, each by name. */
export function policyOrder({ owner, name }: ManagedPolicy): string {
  return `${owner === 'customer' ? 1 : 2} ${name.toLowerCase()}`;
}

function ofAws(policy: AwsManagedPolicy): ManagedPolicy {
  return {
    owner: 'aws',
    name: policy.name,
    path: policy.path,
    id: policy.id,
    arn: policy.arn,
    description: policy.description,
    createdAtMs: policy.createdAtMs,
    updatedAtMs: policy.updatedAtMs,
    tags: {},
    defaultVersionId: policy.versionId,
    versions: [{ id: policy.versionId, document: policy.document, createdAtMs: policy.updatedAtMs }],
  };
}

export function ofCustomer(row: PolicyRow): ManagedPolicy {
  return { owner: 'customer', ...row };
}

/** Throws ValidationError or InvalidInput for what is not the ARN of a managed policy. */
export function checkPolicyArn(arn: string, member = 'policyArn'): string {
  checkLength(arn, member, 2048, 20);
  const parsed = parseArn(arn);
  if (parsed?.service !== 'iam' || !parsed.resource.startsWith('policy/')) {
    throw invalidInput(`ARN ${arn} is not valid.`);
  }
  return arn;
}

function customerPolicyName(account: string, arn: string): string | undefined {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'iam' || parsed.account !== account || !parsed.resource.startsWith('policy/')) {
    return undefined;
  }
  return parsed.resource.split('/').at(-1);
}
