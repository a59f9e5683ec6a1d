import { scopeKey, type Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { kindOfArn, listenerOfRule, ruleArn, type ResourceKind } from './domain/names.ts';
import { keepsToZones } from './domain/zones.ts';
import {
  invalid,
  listenerNotFound,
  loadBalancerNotFound,
  ruleNotFound,
  targetGroupNotFound,
  trustStoreNotFound,
} from './errors.ts';
import {
  groupsOf,
  listeners,
  loadBalancers,
  rules,
  targetGroups,
  trustStores,
  type ListenerRow,
  type LoadBalancerRow,
  type RuleRow,
  type TargetGroupRow,
  type TrustStoreRow,
} from './tables.ts';

export async function loadBalancerOf(tx: ReadTx, scope: Scope, arn = ''): Promise<Stored<LoadBalancerRow>> {
  checkArn(arn, 'loadbalancer', 'load balancer');
  const row = await tx.get(loadBalancers, arn);
  if (!row || row.deleted || !inScope(row, scope)) throw loadBalancerNotFound(arn);
  return row;
}

export async function listenerOf(tx: ReadTx, scope: Scope, arn = ''): Promise<Stored<ListenerRow>> {
  checkArn(arn, 'listener', 'listener');
  const row = await tx.get(listeners, arn);
  if (!row || !inScope(row, scope)) throw listenerNotFound(arn);
  return row;
}

export async function ruleOf(tx: ReadTx, scope: Scope, arn = ''): Promise<Stored<RuleRow>> {
  checkArn(arn, 'listener-rule', 'listener rule');
  const row = await tx.get(rules, arn);
  if (!row || !inScope(row, scope)) throw ruleNotFound();
  return row;
}

export async function trustStoreOf(tx: ReadTx, scope: Scope, arn = ''): Promise<Stored<TrustStoreRow>> {
  checkArn(arn, 'truststore', 'trust store');
  const row = await tx.get(trustStores, arn);
  if (!row || !inScope(row, scope)) throw trustStoreNotFound(arn);
  return row;
}

export async function targetGroupOf(tx: ReadTx, scope: Scope, arn = ''): Promise<Stored<TargetGroupRow>> {
  checkArn(arn, 'targetgroup', 'target group');
  const row = await tx.get(targetGroups, arn);
  if (!row || !inScope(row, scope)) throw targetGroupNotFound(arn);
  return row;
}

/** The listener whose default rule this is; undefined when the ARN is of another rule, or of none. */
export async function listenerOfDefaultRule(
  tx: ReadTx,
  scope: Scope,
  arn: string,
): Promise<Stored<ListenerRow> | undefined> {
  const row = await tx.get(listeners, listenerOfRule(arn));
  return row && inScope(row, scope) && ruleArn(row.arn, row.defaultRuleId) === arn ? row : undefined;
}

/** The load balancers whose listeners or rules forward to the group. */
export async function usersOfGroup(tx: ReadTx, groupArn: string): Promise<readonly string[]> {
  const byListener = await tx.list(listeners, { where: ['targetGroup', groupArn] });
  const byRule = await tx.list(rules, { where: ['targetGroup', groupArn] });
  return [...new Set([...byListener, ...byRule].map((row) => row.loadBalancerArn))];
}

/** The zones of the group's load balancer, when it keeps to them. */
export async function enabledZones(tx: ReadTx, group: TargetGroupRow): Promise<readonly string[] | undefined> {
  const [arn] = await usersOfGroup(tx, group.arn);
  const row = arn === undefined ? undefined : await tx.get(loadBalancers, arn);
  return row && keepsToZones(group, row) ? row.subnets.map((subnet) => subnet.zoneName) : undefined;
}

/** Every group that a load balancer forwards to. */
export async function groupsOfLoadBalancer(tx: ReadTx, loadBalancerArn: string): Promise<readonly string[]> {
  const where = ['loadBalancer', loadBalancerArn] as const;
  const ofListeners = (await tx.list(listeners, { where })).flatMap((row) => groupsOf(row.defaultAction));
  const ofRules = (await tx.list(rules, { where })).flatMap((row) => groupsOf(row.action));
  return [...new Set([...ofListeners, ...ofRules])];
}

export function inScope(row: Scope, scope: Scope): boolean {
  return scopeKey(row) === scopeKey(scope);
}

function checkArn(arn: string, kind: ResourceKind, words: string): void {
  if (kindOfArn(arn) !== kind) throw invalid(`'${arn}' is not a valid ${words} ARN`);
}
