import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { AuthorizationRequest, Outcome, PolicyPrincipal } from './model.ts';
import { applied, contextOf } from './testing.ts';
import {
  ACCOUNT,
  type Case,
  FEDERATED_USER,
  type PolicyJson,
  ROLE,
  ROLE_SESSION,
  ROOT,
  SERVICE,
  USER,
} from './testing-cases.ts';

const PRINCIPALS: Readonly<Record<string, PolicyPrincipal>> = {
  [USER]: { kind: 'user', account: ACCOUNT, arn: USER, userId: 'AIDAEXAMPLEALICE0000' },
  [ROOT]: { kind: 'root', account: ACCOUNT, arn: ROOT, userId: ACCOUNT },
  [ROLE_SESSION]: {
    kind: 'assumed-role',
    account: ACCOUNT,
    arn: ROLE_SESSION,
    userId: 'AROAEXAMPLEWEB000000:task-1',
    roleArn: ROLE,
  },
  [FEDERATED_USER]: {
    kind: 'federated-user',
    account: ACCOUNT,
    arn: FEDERATED_USER,
    userId: `${ACCOUNT}:alice`,
    userArn: USER,
  },
  [SERVICE]: {
    kind: 'service',
    account: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:service-principal/${SERVICE}`,
    userId: SERVICE,
    service: SERVICE,
  },
};

/** The case as this evaluator is asked. */
export function requestOf(one: Case): AuthorizationRequest {
  const principal = PRINCIPALS[one.principal];
  if (!principal) throw new Error(`There is no principal ${one.principal}.`);
  return {
    principal,
    action: one.action,
    resource: one.resource,
    resourceAccount: one.resourceAccount,
    context: contextOf(one.context),
    identity: one.identity.map((policy) => applied('inline', policy)),
    ...(one.boundary && { boundary: applied('boundary', one.boundary) }),
    ...(one.session && { session: [applied('session', one.session)] }),
    ...(one.resourcePolicy && { resourcePolicy: applied('resource', one.resourcePolicy) }),
  };
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  Allowed: 'allowed',
  ExplicitlyDenied: 'explicitDeny',
  ImplicitlyDenied: 'implicitDeny',
};

/** What iam-simulate decides, with its checks of the request on. */
export async function theirs(one: Case): Promise<Outcome> {
  const named = (name: string, policies: readonly PolicyJson[]) =>
    policies.map((policy, index) => ({ name: `${name}${index}`, policy }));
  const result = await runSimulation(
    {
      request: {
        principal: one.principal,
        action: one.action,
        resource: { resource: one.resource, accountId: one.resourceAccount },
        contextVariables: one.context as Record<string, string | string[]>,
      },
      identityPolicies: named('identity', one.identity),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(one.resourcePolicy && { resourcePolicy: one.resourcePolicy }),
      ...(one.boundary && { permissionBoundaryPolicies: named('boundary', [one.boundary]) }),
      ...(one.session && { sessionPolicy: one.session }),
    },
    {},
  );
  const outcome = result.resultType === 'error' ? undefined : OUTCOMES[result.overallResult];
  if (!outcome) throw new Error(`The simulator refuses the case: ${JSON.stringify(result)}`);
  return outcome;
}
