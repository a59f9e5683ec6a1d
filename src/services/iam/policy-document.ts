import type { ReadTx } from '../../store/store.ts';
import { managedPolicy } from './managed-policies.ts';

/** A managed policy's default version: the one that is in force. */
export interface PolicyDocument {
  readonly arn: string;
  readonly name: string;
  /** `ANPA...` */
  readonly id: string;
  /** `v1` */
  readonly versionId: string;
  readonly document: string;
}

/** The default version of a customer managed policy of `account`, or of one of AWS's own; undefined where there is none. */
export async function policyDocument(tx: ReadTx, account: string, arn: string): Promise<PolicyDocument | undefined> {
  const policy = await managedPolicy(tx, account, arn);
  const version = policy?.versions.find(({ id }) => id === policy.defaultVersionId);
  if (!policy || !version) return undefined;
  return { arn, name: policy.name, id: policy.id, versionId: version.id, document: version.document };
}
