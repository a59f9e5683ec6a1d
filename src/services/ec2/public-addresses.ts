import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored, WriteTx } from '../../store/store.ts';
import { nextFree, publicRange } from './domain/address-range.ts';
import { cidrOf, formatAddress } from './domain/cidr.ts';
import { serviceOf } from './domain/requester.ts';
import { KINDS, notFoundOf } from './domain/resource-kind.ts';
import { addressLimitExceeded, addressNotFound, gatewayNotAttached } from './errors.ts';
import type { Ec2Context } from './operation.ts';
import { addresses, type AddressRow, internetGateways, pools, resourceKey } from './tables.ts';

/** An address that nobody on this server has, whatever the account and region. */
export async function takePublicAddress(tx: WriteTx, publicCidr: string): Promise<string> {
  const pool = await tx.get(pools, 'public-addresses');
  const free = await nextFree(
    publicRange(cidrOf(publicCidr)),
    pool?.cursor,
    async (address) => (await addressesWith(tx, formatAddress(address))).length > 0,
  );
  if (free === undefined) throw addressLimitExceeded();
  await tx.put(pools, { ...pool, name: 'public-addresses', cursor: free });
  return formatAddress(free);
}

/** Those a service manages are that service's alone: to anybody else they do not exist. */
export function isVisible(ctx: Ec2Context, row: AddressRow): boolean {
  return row.managedBy === undefined || row.managedBy === serviceOf(ctx.principal);
}

export async function requireAddress(tx: ReadTx, ctx: Ec2Context, allocationId: string): Promise<Stored<AddressRow>> {
  const row = await tx.get(addresses, resourceKey(ctx, allocationId));
  if (!row || !isVisible(ctx, row)) throw notFoundOf(KINDS.address, allocationId);
  return row;
}

export async function requirePublicIp(tx: ReadTx, ctx: Ec2Context, publicIp: string): Promise<Stored<AddressRow>> {
  const row = await addressAt(tx, ctx, publicIp);
  if (!row || !isVisible(ctx, row)) throw addressNotFound(publicIp);
  return row;
}

/** Whoever manages it. */
export async function addressAt(tx: ReadTx, scope: Scope, publicIp: string): Promise<Stored<AddressRow> | undefined> {
  const [row] = await addressesWith(tx, publicIp);
  return row && isIn(scope, row) ? row : undefined;
}

/** Whoever manages it. */
export async function addressOfAssociation(
  tx: ReadTx,
  scope: Scope,
  associationId: string,
): Promise<Stored<AddressRow> | undefined> {
  const [row] = await tx.list(addresses, { where: ['association', resourceKey(scope, associationId)], limit: 1 });
  return row;
}

/** A VPC without an internet gateway has no use for public addresses. Throws Gateway.NotAttached. */
export async function requireInternetGateway(tx: ReadTx, scope: Scope, vpcId: string): Promise<void> {
  const [gateway] = await tx.list(internetGateways, { where: ['vpc', resourceKey(scope, vpcId)], limit: 1 });
  if (!gateway) throw gatewayNotAttached(vpcId);
}

function addressesWith(tx: ReadTx, publicIp: string): Promise<readonly Stored<AddressRow>[]> {
  return tx.list(addresses, { where: ['publicIp', publicIp], limit: 1 });
}

function isIn(scope: Scope, row: AddressRow): boolean {
  return row.account === scope.account && row.region === scope.region;
}
