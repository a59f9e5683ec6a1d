import { checkPolicy } from '../../../policy/document.ts';
import { limitExceeded, malformedPolicy } from '../errors.ts';
import { policySize } from './identity-policy.ts';
import { checkLength } from './names.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: white space does not count. */
const LONGEST_TRUST_POLICY = 2048;
const LONGEST_DOCUMENT = 131_072;

/** The text of a role's trust policy, whole in itself; whom it names is looked up elsewhere. Throws IAM's own errors. */
export function checkTrustPolicy(text: string, member: string): string {
  checkLength(text, member, LONGEST_DOCUMENT, 1);
  const problem = checkPolicy(text, 'trust');
  if (problem !== undefined) throw malformedPolicy(problem.message);
  if (policySize(text) > LONGEST_TRUST_POLICY) {
    throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${LONGEST_TRUST_POLICY}`);
  }
  return text;
}

/** Every principal of type AWS that a valid trust policy names: `*`, account ids, ARNs. */
export function awsPrincipals(text: string): readonly string[] {
  const { Statement }: TrustPolicy = JSON.parse(text);
  return listOf(Statement).flatMap(({ Principal }) =>
    typeof Principal === 'string' ? [Principal] : listOf(Principal?.AWS),
  );
}

/** As much of its shape as is read here. */
interface TrustPolicy {
  readonly Statement: Statement | readonly Statement[];
}

interface Statement {
  readonly Principal?: string | { readonly AWS?: string | readonly string[] };
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return isList(value) ? value : [value];
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
