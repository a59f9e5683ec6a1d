import { type Scope, scopeKey } from '../../kernel/arn.ts';
import type { ReadTx, Stored, WriteTx } from '../../store/store.ts';
import { nextFree } from './domain/address-range.ts';
import { defaultNetwork } from './domain/default-network.ts';
import { isRegionName } from './domain/zones.ts';
import { invalidParameterValue, noDefaultVpc, vpcLimitExceeded } from './errors.ts';
import type { Ec2Context } from './operation.ts';
import {
  dhcpOptions,
  internetGateways,
  networkAcls,
  pools,
  regions,
  resourceKey,
  routeTables,
  securityGroups,
  subnets,
  type VpcRow,
  vpcs,
} from './tables.ts';

/** Reads a region; its first use makes its default network, in one write. */
export async function readRegion<T>(ctx: Ec2Context, fn: (tx: ReadTx) => Promise<T>): Promise<T> {
  const opened = await ctx.read(async (tx) =>
    (await tx.get(regions, scopeKey(ctx))) ? { answer: await fn(tx) } : undefined,
  );
  return opened ? opened.answer : writeRegion(ctx, fn);
}

/** Writes in a region; its first use makes its default network, in the same write. */
export function writeRegion<T>(ctx: Ec2Context, fn: (tx: WriteTx) => Promise<T>): Promise<T> {
  return ctx.write(async (tx) => {
    if (!(await tx.get(regions, scopeKey(ctx)))) await makeDefaultNetwork(tx, ctx);
    return fn(tx);
  });
}

/** Throws VPCIdNotSpecified when the region's default VPC was deleted. */
export async function requireDefaultVpc(tx: ReadTx, scope: Scope): Promise<Stored<VpcRow>> {
  const vpc = await findDefaultVpc(tx, scope);
  if (!vpc) throw noDefaultVpc();
  return vpc;
}

/** Undefined also in a region that was not used yet. */
export async function findDefaultVpc(tx: ReadTx, scope: Scope): Promise<Stored<VpcRow> | undefined> {
  const region = await tx.get(regions, scopeKey(scope));
  return region?.defaultVpcId === undefined ? undefined : tx.get(vpcs, resourceKey(scope, region.defaultVpcId));
}

/** A transit link that no other VPC of this server has. */
export async function takeTransitIndex(tx: WriteTx, links: number): Promise<number> {
  const pool = await tx.get(pools, 'transit-links');
  const index = await nextFree(
    { first: 0, last: links - 1 },
    pool?.cursor,
    async (candidate) => (await tx.list(vpcs, { where: ['transitIndex', String(candidate)], limit: 1 })).length > 0,
  );
  if (index === undefined) throw vpcLimitExceeded();
  await tx.put(pools, { ...pool, name: 'transit-links', cursor: index });
  return index;
}

/** For a region without one: at its first use, or when its default VPC was deleted. */
export async function makeDefaultNetwork(tx: WriteTx, ctx: Ec2Context): Promise<VpcRow> {
  if (!isRegionName(ctx.region)) throw invalidParameterValue(`Invalid region name: '${ctx.region}'`);
  const scope = { account: ctx.account, region: ctx.region };
  const made = defaultNetwork(scope, ctx.ids, await takeTransitIndex(tx, ctx.ports.transitLinks));
  await tx.put(dhcpOptions, made.dhcpOptions);
  await tx.put(vpcs, made.vpc);
  for (const subnet of made.subnets) await tx.put(subnets, subnet);
  await tx.put(internetGateways, made.internetGateway);
  await tx.put(routeTables, made.routeTable);
  await tx.put(networkAcls, made.networkAcl);
  await tx.put(securityGroups, made.securityGroup);
  const region = (await tx.get(regions, scopeKey(scope))) ?? scope;
  await tx.put(regions, { ...region, defaultVpcId: made.vpc.id });
  return made.vpc;
}
