import { compilePolicy } from './compile.ts';
import type { AppliedPolicy, AuthorizationRequest, ConditionValues, PolicyPrincipal, RequestContext } from './model.ts';

export const ACCOUNT = '123456789012';
export const ALICE: PolicyPrincipal = {
  kind: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/team/alice`,
  userId: 'AIDAEXAMPLEALICE0000',
};
export const WEB: PolicyPrincipal = {
  kind: 'assumed-role',
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/web/task-1`,
  userId: 'AROAEXAMPLEWEB000000:task-1',
  roleArn: `arn:aws:iam::${ACCOUNT}:role/apps/web`,
};
export const CLUSTER = `arn:aws:ecs:us-east-1:${ACCOUNT}:cluster/main`;

/** @param values keys in any case */
export function contextOf(values: ConditionValues = {}): RequestContext {
  const byKey = new Map(Object.entries(values).map(([key, value]) => [key.toLowerCase(), value]));
  return { get: (key) => byKey.get(key) };
}

/** One statement without its version, or a whole document. */
export function policyText(json: object): string {
  return JSON.stringify('Statement' in json ? json : { Version: '2012-10-17', Statement: json });
}

export function applied(kind: AppliedPolicy['kind'], json: object): AppliedPolicy {
  return { kind, id: kind, policy: compilePolicy(policyText(json)) };
}

/** Alice asks to describe a cluster of her account, without any policy. */
export function ask(request: Partial<AuthorizationRequest> = {}): AuthorizationRequest {
  return {
    principal: ALICE,
    action: 'ecs:DescribeClusters',
    resource: CLUSTER,
    resourceAccount: ACCOUNT,
    context: contextOf(),
    identity: [],
    ...request,
  };
}

export const ALLOW_ALL = { Effect: 'Allow', Action: '*', Resource: '*' };
export const DENY_ALL = { Effect: 'Deny', Action: '*', Resource: '*' };
