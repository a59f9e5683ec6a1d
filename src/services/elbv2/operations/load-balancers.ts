import type { CreateLoadBalancerInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { scopeKey } from '../../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { named, schemeCondition, securityGroupCondition, subnetCondition, tagOnCreate } from '../authorization.ts';
import { attributeValue, loadBalancerAttributes } from '../domain/attributes.ts';
import { checkNoTarget } from '../application-targets.ts';
import { checkName, dnsName, loadBalancerArn } from '../domain/names.ts';
import { QUOTAS } from '../domain/quotas.ts';
import { withTags } from '../domain/tags.ts';
import {
  duplicateLoadBalancer,
  loadBalancerNotFound,
  notInEnum,
  notPermitted,
  notSupported,
  tooMany,
} from '../errors.ts';
import { inScope, loadBalancerOf } from '../lookup.ts';
import { setLogDeliveries } from '../log-deliveries.ts';
import { operation } from '../operation.ts';
import { page } from '../paging.ts';
import {
  checkIpAddressType,
  placementOf,
  requestedSubnets,
  requireInternetGateway,
  securityGroupsOf,
} from '../placement.ts';
import { listeners, loadBalancers, rules, type LoadBalancerRow } from '../tables.ts';
import { loadBalancerView } from '../views.ts';

/** The row is there at once, `provisioning`; the reconciler makes its network interfaces. */
export const CreateLoadBalancer = operation('CreateLoadBalancer', {
  resources: (input, scope) => [loadBalancerArn(scope, input.Type, input.Name ?? '*', '*')],
  conditions: (input) => ({ ...schemeCondition(input), ...subnetCondition(input), ...securityGroupCondition(input) }),
  also: (input, scope) =>
    tagOnCreate(input, 'CreateLoadBalancer', loadBalancerArn(scope, input.Type, input.Name ?? '*', '*')),
  handle: async (ctx, input) => {
    const { name, type, scheme } = checkInput(input);
    const kind = type === undefined ? {} : { type };
    const { vpcId, subnets } = await placementOf(ctx, requestedSubnets(input, { ...kind, scheme }), type);
    const open = type === 'network' && !input.SecurityGroups?.length;
    const securityGroupIds = open ? [] : await securityGroupsOf(ctx, vpcId, input.SecurityGroups);
    if (scheme === 'internet-facing') await requireInternetGateway(ctx, vpcId);
    const id = ctx.ids.hex(16);
    const wanted: LoadBalancerRow = {
      account: ctx.account,
      region: ctx.region,
      arn: loadBalancerArn(ctx, type, name, id),
      id,
      name,
      ...kind,
      scheme,
      vpcId,
      subnets,
      securityGroupIds,
      dnsName: dnsName(ctx, name, scheme, ctx.ids.hex(8), ctx.ports.domain),
      createdAtMs: ctx.now,
      state: 'provisioning',
      attributes: {},
      tags: withTags({}, input.Tags),
      addresses: [],
    };
    const row = await ctx.write(async (tx) => {
      const before = await byName(tx, scopeKey(ctx), name);
      if (before && sameSettings(before, wanted)) return before;
      if (before) throw duplicateLoadBalancer(name);
      const others = await tx.list(loadBalancers, { where: ['scope', scopeKey(ctx)] });
      if (others.length >= QUOTAS.loadBalancers) {
        throw tooMany('TooManyLoadBalancersException', 'The limit on the number of load balancers has been reached');
      }
      return tx.put(loadBalancers, wanted);
    });
    return { LoadBalancers: [loadBalancerView(row)] };
  },
});

function checkInput(input: CreateLoadBalancerInput) {
  const { Name: name = '', Type: type = 'application', Scheme: scheme = 'internet-facing' } = input;
  checkName('Load balancer', name);
  if (type === 'gateway') throw notSupported(`Load balancer type '${type}'`, `Use 'application' or 'network'.`);
  if (type !== 'application' && type !== 'network')
    throw notInEnum(type, 'type', ['application', 'network', 'gateway']);
  if (scheme !== 'internet-facing' && scheme !== 'internal') {
    throw notInEnum(scheme, 'scheme', ['internet-facing', 'internal']);
  }
  checkIpAddressType(input.IpAddressType);
  if (input.CustomerOwnedIpv4Pool !== undefined) throw notSupported('CustomerOwnedIpv4Pool');
  if (input.IpamPools !== undefined) throw notSupported('IpamPools');
  if (input.EnablePrefixForIpv6SourceNat === 'on') throw notSupported('EnablePrefixForIpv6SourceNat');
  return { name, scheme, type: type === 'network' ? type : undefined } as const;
}

/** Asking again for what is there answers it. */
function sameSettings(before: LoadBalancerRow, wanted: LoadBalancerRow): boolean {
  const settings = (row: LoadBalancerRow) =>
    JSON.stringify([
      row.scheme,
      row.type,
      row.subnets.toSorted((a, b) => (a.subnetId < b.subnetId ? -1 : 1)),
      row.securityGroupIds.toSorted(),
      Object.entries(row.tags).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ]);
  return settings(before) === settings(wanted);
}

async function byName(tx: ReadTx, scope: string, name: string): Promise<Stored<LoadBalancerRow> | undefined> {
  const [row] = await tx.list(loadBalancers, { where: ['name', `${scope}/${name}`], limit: 1 });
  return row;
}

export const DescribeLoadBalancers = operation('DescribeLoadBalancers', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { LoadBalancerArns: arns = [], Names: names = [] } = input;
    const rows = await ctx.read(async (tx) => {
      if (arns.length > 0) {
        const found = await Promise.all(arns.map((arn) => tx.get(loadBalancers, arn)));
        return found.map((row) => (row && !row.deleted && inScope(row, ctx) ? row : undefined));
      }
      if (names.length > 0) return Promise.all(names.map((name) => byName(tx, scopeKey(ctx), name)));
      return tx.list(loadBalancers, { where: ['scope', scopeKey(ctx)] });
    });
    const found = rows.map((row) => {
      if (!row) throw loadBalancerNotFound();
      return row;
    });
    const sorted = found.toSorted((a, b) => (a.arn < b.arn ? -1 : 1));
    const { items, next } = page(sorted, (row) => row.arn, input);
    return { LoadBalancers: items.map(loadBalancerView), ...next };
  },
});

/** Takes its listeners and their rules along. Deleting what is not there is no error. */
export const DeleteLoadBalancer = operation('DeleteLoadBalancer', {
  resources: (input) => named([input.LoadBalancerArn]),
  handle: async (ctx, input) => {
    const arn = input.LoadBalancerArn ?? '';
    await ctx.write(async (tx) => {
      const known = await tx.get(loadBalancers, arn);
      if (!known || known.deleted) return;
      const row = await loadBalancerOf(tx, ctx, arn);
      if (attributeValue(loadBalancerAttributes(row), row.attributes, 'deletion_protection.enabled') === 'true') {
        throw notPermitted(`Load balancer '${arn}' cannot be deleted because deletion protection is enabled`);
      }
      const where = ['loadBalancer', arn] as const;
      await checkNoTarget(tx, arn);
      for (const rule of await tx.list(rules, { where })) await tx.delete(rules, rule.arn);
      for (const listener of await tx.list(listeners, { where })) await tx.delete(listeners, listener.arn);
      await tx.put(loadBalancers, { ...row, deleted: true });
      await setLogDeliveries(tx, { ...row, deleted: true }, { now: ctx.now, intervalMs: ctx.ports.logs.intervalMs });
    });
    return {};
  },
});
