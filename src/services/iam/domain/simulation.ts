import { parseArn } from '../../../kernel/arn.ts';
import { compilePolicy } from '../../../policy/compile.ts';
import { contextKeysOf } from '../../../policy/context-keys.ts';
import { decide } from '../../../policy/evaluate.ts';
import type {
  AppliedPolicy,
  AuthorizationRequest,
  ConditionValues,
  Decision,
  Outcome,
  PolicyPrincipal,
  RequestContext,
} from '../../../policy/model.ts';
import { isTrustAction } from '../../../policy/trust.ts';

/** Who is simulated to call. */
export interface SimulatedCaller {
  readonly principal: PolicyPrincipal;
  /** The context keys that the caller itself tells. */
  readonly values: ConditionValues;
}

/** A policy that takes part, with the name that the answer gives it. */
export interface SimulatedPolicy {
  /** e.g. `PolicyInputList.1`, a managed policy's name, `role_ROLE_POLICY` of an inline one. */
  readonly sourceId: string;
  readonly text: string;
  /** By statement, the context keys that it asks for, as it writes them. */
  readonly contextKeys: readonly (readonly string[])[];
}

/** What all actions and resources of one simulation have in common. */
export interface Simulation {
  readonly caller: SimulatedCaller;
  readonly identity: readonly SimulatedPolicy[];
  readonly boundary?: SimulatedPolicy;
  readonly resourcePolicy?: SimulatedPolicy;
  /** Of resources whose ARN does not say: twelve digits. */
  readonly resourceOwner: string;
  readonly context: ConditionValues;
}

/** What became of one action on one resource. */
export interface Simulated {
  readonly resource: string;
  readonly outcome: Outcome;
  /** Statements of identity-based and resource-based policies that made it. */
  readonly matched: readonly SimulatedMatch[];
  /** Context keys that statements about the action ask for, and nobody told. */
  readonly missing: readonly string[];
  readonly allowedByBoundary?: boolean;
  /** Across accounts: what each account's policies say. */
  readonly details?: { readonly identity: Outcome; readonly resource: Outcome };
}

export interface SimulatedMatch {
  readonly source: SimulatedPolicy;
  readonly type: 'identity' | 'resource';
  /** Position in the document, from 0. */
  readonly index: number;
}

const EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';

/** @param text one that `checkPolicy` accepts */
export function simulatedPolicy(sourceId: string, text: string): SimulatedPolicy {
  return { sourceId, text, contextKeys: contextKeysByStatement(text) };
}

function contextKeysByStatement(text: string): string[][] {
  if (compilePolicy(text).keys.size === 0) return [];
  const { Version, Statement }: { Version?: string; Statement: object | readonly object[] } = JSON.parse(text);
  return [Statement].flat().map((one) => contextKeysOf([JSON.stringify({ Version, Statement: [one] })]));
}

/** Decides one action on one resource as the gateway would. */
export function simulate(simulation: Simulation, action: string, resource: string): Simulated {
  const request = requestOf(simulation, action, resource);
  const decision = decide(request);
  const { boundary, identity, resourcePolicy } = simulation;
  const asked = [...identity, ...(resourcePolicy ? [resourcePolicy] : [])];
  return {
    resource,
    outcome: decision.outcome,
    matched: matchesOf(simulation, decision),
    missing: missingKeys(asked, action, request.context),
    ...(boundary && { allowedByBoundary: decideAlone(request, [applied(boundary, 'boundary')]) === 'allowed' }),
    ...(request.resourceAccount !== request.principal.account && { details: detailsOf(request) }),
  };
}

function requestOf(simulation: Simulation, action: string, resource: string): AuthorizationRequest {
  const { caller, identity, boundary, context } = simulation;
  const resourceAccount = ownerOf(resource) ?? simulation.resourceOwner;
  const resourcePolicy = simulation.resourcePolicy ?? trustOf(simulation, action, resource);
  const values: ConditionValues = { 'aws:resourceaccount': resourceAccount, ...context };
  return {
    principal: caller.principal,
    action,
    resource,
    resourceAccount,
    context: { get: (key) => (Object.hasOwn(values, key) ? values[key] : undefined) },
    identity: identity.map((policy, index) => applied(policy, 'inline', index)),
    ...(boundary && { boundary: applied(boundary, 'boundary') }),
    ...(resourcePolicy && { resourcePolicy: applied(resourcePolicy, 'resource') }),
  };
}

/** Trust policies are not simulated: what is asked is whether the caller's own policies let it assume the role. */
function trustOf({ caller }: Simulation, action: string, resource: string): SimulatedPolicy | undefined {
  if (!isTrustAction(action, resource)) return undefined;
  const statement = { Effect: 'Allow', Principal: { AWS: caller.principal.account }, Action: 'sts:*', Resource: '*' };
  return simulatedPolicy('', JSON.stringify({ Version: '2012-10-17', Statement: [statement] }));
}

/** Source ids need not differ, so a policy is known by its position. */
function applied({ text }: SimulatedPolicy, kind: AppliedPolicy['kind'], position = 0): AppliedPolicy {
  return { kind, id: String(position), policy: compilePolicy(text) };
}

function matchesOf({ identity, resourcePolicy }: Simulation, { matched }: Decision): SimulatedMatch[] {
  return matched.flatMap(({ policy, index }): SimulatedMatch[] => {
    if (policy.kind === 'boundary') return [];
    if (policy.kind === 'resource') return resourcePolicy ? [{ source: resourcePolicy, type: 'resource', index }] : [];
    const source = identity[Number(policy.id)];
    return source ? [{ source, type: 'identity', index }] : [];
  });
}

/** What some policies say if they were all that the caller had, on a resource of its own account. */
function decideAlone(request: AuthorizationRequest, identity: readonly AppliedPolicy[]): Outcome {
  const { boundary: _, resourcePolicy: __, ...rest } = request;
  const trust = isTrustAction(request.action, request.resource) && request.resourcePolicy;
  const own = { ...rest, identity, resourceAccount: request.principal.account };
  return decide(trust ? { ...own, resourcePolicy: trust } : own).outcome;
}

function detailsOf(request: AuthorizationRequest): { identity: Outcome; resource: Outcome } {
  const { boundary: _, ...unbounded } = request;
  const everything = { kind: 'inline', id: '', policy: compilePolicy(EVERYTHING) } as const;
  return {
    identity: decideAlone(request, request.identity),
    resource: decide({ ...unbounded, identity: [everything] }).outcome,
  };
}

/** As the policies write them, each once. */
function missingKeys(policies: readonly SimulatedPolicy[], action: string, context: RequestContext): string[] {
  const asked = new Map<string, string>();
  for (const { text, contextKeys } of policies) {
    if (contextKeys.length === 0) continue;
    const about = compilePolicy(text).about(action);
    for (const key of about.flatMap(({ index }) => contextKeys[index] ?? [])) {
      if (!asked.has(key.toLowerCase())) asked.set(key.toLowerCase(), key);
    }
  }
  return [...asked].filter(([key]) => context.get(key) === undefined).map(([, key]) => key);
}

function ownerOf(resource: string): string | undefined {
  const account = parseArn(resource)?.account ?? '';
  return /^\d{12}$/.test(account) ? account : undefined;
}
