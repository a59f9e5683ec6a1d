import { isObject, listOf, textsOf } from '../read.ts';
import { keyProblem, legacyProblem, valuesOf } from './permissions.ts';
import { principalProblem } from './principal.ts';
import { isVersion, isWellFormed, type Json, statementsOf } from './shape.ts';

/**
 * What is wrong with a role's trust policy, in AWS's words.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
 */
export function trustProblem(policy: Json | undefined): string | undefined {
  if (!policy) return 'This policy contains invalid Json';
  if (!isVersion(policy['Version'])) return 'The policy must contain a valid version string';
  const statements = statementsOf(policy);
  if (listOf(policy['Statement']).length === 0) return 'Could not parse the policy: Statement is empty!';
  for (const statement of statements) {
    const problem = elementProblem(statement);
    if (problem !== undefined) return problem;
  }
  if (!isWellFormed(policy)) return 'Syntax error in policy.';
  const sids = statements.map((statement) => statement['Sid']).filter((sid) => sid !== undefined && sid !== '');
  if (new Set(sids).size < sids.length) return 'The Statement Ids in the policy are not unique';
  return legacyProblem(statements) ?? keyProblem(statements);
}

function elementProblem(statement: Json): string | undefined {
  const effect = statement['Effect'];
  if (effect === undefined) return 'Missing required field Effect';
  if (effect !== 'Allow' && effect !== 'Deny') return `Invalid effect: ${textsOf(effect).join()}`;
  if (statement['NotPrincipal'] !== undefined) return 'AssumeRole policy must not contain NotPrincipal field.';
  const principal = statement['Principal'];
  if (principal === undefined) return 'Missing required field Principal';
  if (isObject(principal) && Object.keys(principal).length === 0) {
    return 'Missing required field Principal cannot be empty!';
  }
  const actions = valuesOf(statement, 'Action');
  if (actions.length === 0) return 'Missing required field Action';
  if (!actions.every((action) => /^sts:/i.test(action))) {
    return 'AssumeRole policy may only specify STS AssumeRole actions.';
  }
  if (statement['Resource'] !== undefined) return 'Has prohibited field Resource';
  if (statement['NotResource'] !== undefined) return 'AssumeRole policy must not contain resources.';
  return principalProblem(principal);
}
