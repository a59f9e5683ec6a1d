import type { SessionFacts } from '../../identity/principal.ts';
import { parseArn } from '../../kernel/arn.ts';
import { checkPolicy } from '../../policy/document.ts';
import { lengthProblems, textProblems } from './domain/constraints.ts';
import { malformedPolicy, validationError } from './errors.ts';
import type { StsContext } from './operation.ts';
import { absentIsEmpty } from './roles.ts';

/** The session policies of a request. */
export interface AskedPolicies {
  readonly Policy?: string | undefined;
  readonly PolicyArns?: readonly { readonly arn?: string | undefined }[] | undefined;
}

const MAX_ARNS = 10;
/** Of the inline policy and the ARNs together. */
const MAX_CHARACTERS = 2048;
const POLICY_PATTERN = String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+`;

export function policyProblems({ Policy, PolicyArns }: AskedPolicies): string[] {
  return [
    ...textProblems('policy', Policy, { min: 1, max: MAX_CHARACTERS, pattern: POLICY_PATTERN }),
    ...lengthProblems('policyArns', PolicyArns, MAX_ARNS),
    ...(PolicyArns ?? []).flatMap(({ arn }, index) =>
      textProblems(`policyArns.${index + 1}.member.arn`, arn ?? '', { min: 20, max: 2048 }),
    ),
  ];
}

/**
 * The session policies as a session keeps them; undefined where none were passed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
 */
export async function sessionPolicies(ctx: StsContext, asked: AskedPolicies): Promise<SessionFacts['policies']> {
  const inline = asked.Policy;
  const managedArns = (asked.PolicyArns ?? []).flatMap(({ arn }) => arn ?? []);
  const characters = (inline?.length ?? 0) + managedArns.join('').length;
  if (characters > MAX_CHARACTERS) {
    throw validationError(`The session policies have ${characters} characters: at most ${MAX_CHARACTERS} are allowed.`);
  }
  if (inline !== undefined) {
    const problem = checkPolicy(inline, 'session');
    if (problem !== undefined) throw malformedPolicy(problem.message);
  }
  for (const arn of managedArns) await requirePolicy(ctx, arn);
  if (inline === undefined && managedArns.length === 0) return undefined;
  return { ...(inline === undefined ? {} : { inline }), ...(managedArns.length === 0 ? {} : { managedArns }) };
}

/** One of the account, or one of AWS's own. */
async function requirePolicy(ctx: StsContext, arn: string): Promise<void> {
  const parsed = parseArn(arn);
  const isPolicy = parsed?.service === 'iam' && parsed.resource.startsWith('policy/');
  const isOurs = isPolicy && (parsed.account === ctx.account || parsed.account === 'aws');
  const { Policy } = isOurs ? await absentIsEmpty(ctx.call('iam', 'GetPolicy', { PolicyArn: arn })) : {};
  if (Policy === undefined) throw validationError(`Policy ${arn} does not exist or is not attachable.`);
}
