import type { IpPermission } from '@aws-sdk/client-ec2';
import type { Call } from '../../../api/context.ts';
import type { ServiceEnvironment } from '../../../api/service.ts';
import type { EdgeRoute } from '../../../loadbalancer/load-balancer.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { aliasTarget, edgeRoutes, hostnameOf, type PublicLoadBalancer } from '../domain/edge-table.ts';
import { isOpen } from '../domain/load-balancer-plan.ts';
import type { Elbv2Ports } from '../operation.ts';
import { listeners, loadBalancers } from '../tables.ts';

export interface ApplyEdge {
  readonly type: 'apply-edge';
  readonly loadBalancers: readonly PublicLoadBalancer[];
}

const KEY = 'edge';
const EVERYONE: readonly IpPermission[] = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
const TRIGGERS = /^(route53\.(hosted-zones|record-sets)$|ec2\.security-groups$|elbv2\.(load-balancers|listeners)$)/;

/** Makes the host's own listeners pass every public name to its load balancer: one key for all. */
export function edgeReconciler(env: ServiceEnvironment<Elbv2Ports>): Reconciler<ApplyEdge, ApplyEdge> {
  return {
    name: 'elbv2.edge',
    resyncEveryMs: 30_000,
    keys: (change) => (TRIGGERS.test(change.table) ? [KEY] : []),
    allKeys: async () => [KEY],
    async observe(tx) {
      const allListeners = await tx.list(listeners);
      const reachable = (await tx.list(loadBalancers)).filter(
        (row) => !row.deleted && row.scheme === 'internet-facing' && row.addresses.length > 0,
      );
      return {
        type: 'apply-edge',
        loadBalancers: reachable.map((loadBalancer) => ({
          loadBalancer,
          listeners: allListeners.filter((listener) => listener.loadBalancerArn === loadBalancer.arn),
        })),
      };
    },
    plan: (observed) => ({ actions: [observed], why: `${observed.loadBalancers.length} load balancers are public.` }),
    apply: (action) => apply(env, action),
  };
}

async function apply(env: ServiceEnvironment<Elbv2Ports>, action: ApplyEdge): Promise<void> {
  const aliases = await aliasesByTarget(env, action.loadBalancers);
  const routes: EdgeRoute[] = [];
  for (const each of action.loadBalancers) {
    const ingress = isOpen(each.loadBalancer)
      ? EVERYONE
      : await ingressOf(env.callIn(each.loadBalancer), each.loadBalancer.securityGroupIds);
    routes.push(...edgeRoutes(each, aliases.get(each.loadBalancer.dnsName) ?? [], ingress));
  }
  await env.ports.plane.applyEdge({ ...env.ports.edge, routes });
}

async function ingressOf(call: Call, groupIds: readonly string[]): Promise<readonly IpPermission[]> {
  if (groupIds.length === 0) return [];
  // By filter: a group that is gone is no error then.
  const { SecurityGroups = [] } = await call('ec2', 'DescribeSecurityGroups', {
    Filters: [{ Name: 'group-id', Values: [...groupIds] }],
  });
  return SecurityGroups.flatMap((group) => group.IpPermissions ?? []);
}

/** Names in the public hosted zones of the load balancers' accounts, by the load balancer's name that they mean. */
async function aliasesByTarget(
  env: ServiceEnvironment<Elbv2Ports>,
  all: readonly PublicLoadBalancer[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const accounts = new Map(all.map(({ loadBalancer }) => [loadBalancer.account, loadBalancer]));
  const aliases = new Map<string, string[]>();
  for (const loadBalancer of accounts.values()) {
    // Which names lead here is this host's own question, which the service-linked role has no permission to ask.
    const call = env.callIn(loadBalancer, { sourceArn: loadBalancer.arn });
    for (const zoneId of await publicZones(call)) {
      for (const { name, target } of await aliasRecords(call, zoneId)) {
        aliases.set(target, [...(aliases.get(target) ?? []), name]);
      }
    }
  }
  return aliases;
}

async function publicZones(call: Call): Promise<readonly string[]> {
  const ids: string[] = [];
  let marker: string | undefined;
  do {
    const page = await call('route53', 'ListHostedZones', marker === undefined ? {} : { Marker: marker });
    for (const zone of page.HostedZones ?? []) if (!zone.Config?.PrivateZone) ids.push(zone.Id ?? '');
    marker = page.IsTruncated ? page.NextMarker : undefined;
  } while (marker !== undefined);
  return ids;
}

async function aliasRecords(call: Call, zoneId: string): Promise<readonly { name: string; target: string }[]> {
  const found: { name: string; target: string }[] = [];
  let start: Pick<Parameters<typeof nextPage>[1], 'StartRecordName' | 'StartRecordType'> | undefined = {};
  while (start) {
    const page: Awaited<ReturnType<typeof nextPage>> = await nextPage(call, { HostedZoneId: zoneId, ...start });
    for (const { Type: type, Name: name = '', AliasTarget: alias } of page.ResourceRecordSets ?? []) {
      if (type === 'A' && alias?.DNSName) found.push({ name: hostnameOf(name), target: aliasTarget(alias.DNSName) });
    }
    start = page.IsTruncated
      ? { StartRecordName: page.NextRecordName, StartRecordType: page.NextRecordType }
      : undefined;
  }
  return found;
}

function nextPage(call: Call, input: Parameters<typeof call<'route53', 'ListResourceRecordSets'>>[2]) {
  return call('route53', 'ListResourceRecordSets', input);
}
