import type { ListenerRoutes, RouteTable, Rule } from '../load-balancer.ts';
import { forwardsTo } from './vpc-config.ts';

/**
 * The table with another's targets and weights, which HAProxy takes while it runs: nothing else changes. A target group
 * that the other one does not have is gone: its addresses may be anybody's by now.
 */
export function withTargetsOf(table: RouteTable, wanted: RouteTable): RouteTable {
  return {
    ...table,
    listeners: table.listeners.map((listener) => {
      const other = wanted.listeners.find((it) => it.listenerId === listener.listenerId);
      return { ...listener, rules: listener.rules.map((rule) => withWeightsOf(rule, other?.rules ?? [])) };
    }),
    targetGroups: table.targetGroups.map((group) => {
      const other = wanted.targetGroups.find((it) => it.targetGroupId === group.targetGroupId);
      return { ...group, targets: other?.targets ?? [] };
    }),
  };
}

/** Only between the same target groups: others need lines of their own. */
function withWeightsOf(rule: Rule, others: readonly Rule[]): Rule {
  const other = others.find((it) => it.ruleId === rule.ruleId);
  if (rule.action.type !== 'forward' || other?.action.type !== 'forward') return rule;
  const ids = ({ targets }: typeof rule.action) => JSON.stringify(targets.map((it) => it.targetGroupId).toSorted());
  if (ids(rule.action) !== ids(other.action)) return rule;
  return { ...rule, action: { ...rule.action, targets: other.action.targets } };
}

/** Load balancers that the wanted table serves otherwise than this one. */
export function changedLoadBalancers(table: RouteTable, wanted: RouteTable): readonly string[] {
  const ids = [...new Set(wanted.listeners.map((it) => it.loadBalancerId))];
  return ids.filter((id) => JSON.stringify(routesOf(table, id)) !== JSON.stringify(routesOf(wanted, id)));
}

/** The wanted table, where these load balancers are as they are in the other one. */
export function keeping(ids: readonly string[], table: RouteTable, wanted: RouteTable): RouteTable {
  const isKept = ({ loadBalancerId }: ListenerRoutes) => ids.includes(loadBalancerId);
  const kept = table.listeners.filter(isKept);
  const fresh = wanted.listeners.filter((listener) => !isKept(listener));
  const ofFresh = groupsOf(wanted, fresh);
  const known = new Set(ofFresh.map((group) => group.targetGroupId));
  // In their order: it is part of the configuration, and another one would be a reload.
  const ofKept = groupsOf(table, kept).filter((group) => !known.has(group.targetGroupId));
  return { ...wanted, listeners: [...fresh, ...kept], targetGroups: [...ofFresh, ...ofKept] };
}

function routesOf(table: RouteTable, loadBalancerId: string) {
  const listeners = table.listeners.filter((it) => it.loadBalancerId === loadBalancerId);
  return { listeners, targetGroups: groupsOf(table, listeners) };
}

function groupsOf(table: RouteTable, listeners: readonly ListenerRoutes[]) {
  return table.targetGroups.filter(({ targetGroupId: id }) => listeners.some((it) => forwardsTo(it, id)));
}
