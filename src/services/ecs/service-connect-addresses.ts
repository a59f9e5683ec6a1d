import type { Context } from '../../api/context.ts';
import { scopeKey } from '../../kernel/arn.ts';
import type { WriteTx } from '../../store/store.ts';
import { freeAddress } from './domain/service-connect.ts';
import { CLAIM_MS, addressKey, connectAddresses } from './service-connect-tables.ts';
import type { ConnectHost } from './service-connect-tables.ts';
import { services, tasks } from './tables.ts';

/** Gives each name an address of its own, the one it has where it has one. */
export async function claimAddresses(
  tx: WriteTx,
  ctx: Context,
  namespaceArn: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { account, region } = ctx;
  const addresses = new Map<string, string>();
  await dropUnused(tx, ctx);
  const taken = new Set(
    (await tx.list(connectAddresses, { where: ['scope', scopeKey(ctx)] })).map((row) => row.address),
  );
  for (const dnsName of new Set(names)) {
    const known = await tx.get(connectAddresses, addressKey(namespaceArn, dnsName));
    const address = known?.address ?? freeAddress(taken);
    taken.add(address);
    addresses.set(dnsName, address);
    await tx.put(connectAddresses, { ...known, account, region, namespaceArn, dnsName, address, claimedAtMs: ctx.now });
  }
  return addresses;
}

/** An address is given to another name only when no task resolves the old one to it, and none ever will. */
async function dropUnused(tx: WriteTx, ctx: Context): Promise<void> {
  const owned = (await tx.list(services, { where: ['scope', scopeKey(ctx)] })).filter(
    (row) => row.status !== 'INACTIVE',
  );
  const workloads = owned.flatMap((row) => [
    row,
    ...row.deployments,
    ...(row.lastCompleted ? [row.lastCompleted] : []),
  ]);
  const live = (await tx.list(tasks)).filter((task) => task.lastStatus !== 'STOPPED');
  const hosts: ConnectHost[] = [...workloads, ...live].flatMap(({ connect }) => connect?.hosts ?? []);
  const used = new Set(hosts.map(({ address }) => address));
  for (const row of await tx.list(connectAddresses, { where: ['scope', scopeKey(ctx)] })) {
    if (used.has(row.address) || row.claimedAtMs + CLAIM_MS > ctx.now) continue;
    await tx.delete(connectAddresses, addressKey(row.namespaceArn, row.dnsName));
  }
}
