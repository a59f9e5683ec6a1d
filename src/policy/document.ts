import { parseObject } from './check/json.ts';
import { legacyProblem, keyProblem, permissionsProblem, valuesOf } from './check/permissions.ts';
import { principalProblem } from './check/principal.ts';
import { isWellFormed, type Json, statementsOf } from './check/shape.ts';
import { trustProblem } from './check/trust-policy.ts';
import { actionProblem } from './check/vendor.ts';

/** Where a policy is kept: what it may say depends on that. */
export type PolicyKind = 'identity' | 'resource' | 'trust' | 'session' | 'boundary';

export interface PolicyProblem {
  /** In AWS's words: the message of MalformedPolicyDocument. */
  readonly message: string;
}

/** What is wrong with a policy's text; undefined where nothing is. Its length is not looked at. */
export function checkPolicy(text: string, kind: PolicyKind): PolicyProblem | undefined {
  const message = problemOf(parseObject(text), kind);
  return message === undefined ? undefined : { message };
}

function problemOf(policy: Json | undefined, kind: PolicyKind): string | undefined {
  if (kind === 'trust') return trustProblem(policy);
  return kind === 'resource' ? resourcePolicyProblem(policy) : permissionsProblem(policy);
}

/** Services keep these and each has its own words for what is wrong; a resource need not be named in them. */
function resourcePolicyProblem(policy: Json | undefined): string | undefined {
  if (!policy || !isWellFormed(policy)) return 'Syntax errors in policy.';
  const statements = statementsOf(policy);
  for (const statement of statements) {
    const principal = statement['Principal'] ?? statement['NotPrincipal'];
    if (principal === undefined) return 'Missing required field Principal';
    const actions = valuesOf(statement, 'Action');
    if (actions.length === 0) return 'Missing required field Action';
    const problem = principalProblem(principal) ?? actions.map(actionProblem).find((one) => one !== undefined);
    if (problem !== undefined) return problem;
  }
  return legacyProblem(statements) ?? keyProblem(statements);
}
