import { checkPolicy } from '../../../policy/document.ts';
import { limitExceeded, malformedPolicy } from '../errors.ts';
import { checkLength } from './names.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length */
const MANAGED_POLICY_SIZE = 6144;
const LONGEST_DOCUMENT = 131_072;

/** A managed policy's document; throws MalformedPolicyDocument or LimitExceeded. */
export function checkManagedPolicy(text: string): string {
  checkIdentityPolicy(text);
  if (!hasVersion(text)) throw malformedPolicy('A managed policy must have a version string');
  if (policySize(text) > MANAGED_POLICY_SIZE) {
    throw limitExceeded(`Cannot exceed quota for PolicySize: ${MANAGED_POLICY_SIZE}`);
  }
  return text;
}

/** A document that is attached to a user, group or role; throws MalformedPolicyDocument. */
export function checkIdentityPolicy(text: string): string {
  checkLength(text, 'policyDocument', LONGEST_DOCUMENT, 1);
  const problem = checkPolicy(text, 'identity');
  if (problem !== undefined) throw malformedPolicy(problem.message);
  return text;
}

/** White space does not count. */
export function policySize(text: string): number {
  return text.replaceAll(/\s/g, '').length;
}

function hasVersion(text: string): boolean {
  const document: { readonly Version?: unknown } = JSON.parse(text);
  return document.Version !== undefined;
}
