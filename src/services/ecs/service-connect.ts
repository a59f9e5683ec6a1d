import type { ServiceConnectConfiguration } from '@aws-sdk/client-ecs';
import type { Call, Context } from '../../api/context.ts';
import { Conflict, ServiceError } from '../../kernel/errors.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { connectHosts, connectOffers } from './domain/service-connect.ts';
import type { ConnectOffer } from './domain/service-connect.ts';
import { invalidParameter, namespaceNotFound } from './errors.ts';
import { claimAddresses } from './service-connect-addresses.ts';
import { createDiscovery, endDiscovery, nameTaken } from './service-connect-discoveries.ts';
import { connectDiscoveries, discoveryKey } from './service-connect-tables.ts';
import type { ConnectDiscoveryRow, ConnectRow, ConnectServiceRow } from './service-connect-tables.ts';
import { services } from './tables.ts';
import type { ClusterRow, ServiceRow, TaskDefinitionRow } from './tables.ts';

export interface Namespace {
  readonly arn: string;
  readonly name: string;
}

interface Wanted {
  readonly serviceArn: string;
  readonly cluster: ClusterRow;
  readonly definition: TaskDefinitionRow;
}

/**
 * Makes ready what a deployment with Service Connect needs: addresses of its names, and its Cloud Map services. What then
 * goes unused is removed again, by the reconciler. Undefined where Service Connect is off.
 * @throws InvalidParameterException, NamespaceNotFoundException
 */
export async function connectOf(
  ctx: Context,
  configuration: ServiceConnectConfiguration | undefined,
  { serviceArn, cluster, definition }: Wanted,
): Promise<ConnectRow | undefined> {
  if (!configuration?.enabled) return undefined;
  const reference = configuration.namespace ?? cluster.serviceConnectNamespaceArn;
  if (!reference) {
    throw invalidParameter('A namespace is required for Service Connect: neither the service nor its cluster has one.');
  }
  const namespace = await findNamespace(ctx.call, reference);
  if (!namespace) throw namespaceNotFound();
  const offers = connectOffers(configuration, definition, namespace.name);
  const addresses = await claimAll(ctx, { serviceArn, namespaceArn: namespace.arn, offers });
  const own: ConnectServiceRow[] = [];
  for (const offer of offers) {
    const discoveryArn = await discoveryService(ctx, {
      serviceArn,
      namespaceArn: namespace.arn,
      name: offer.discoveryName,
    });
    const aliases = offer.aliases.map((alias) => ({ ...alias, address: addresses.get(alias.dnsName) ?? '' }));
    own.push({ ...offer, aliases, discoveryArn });
  }
  return ctx.read(async (tx) => {
    const others = await connectedServices(tx, namespace.arn, serviceArn);
    const hosts = connectHosts([...others.flatMap((row) => row.connect ?? []), { services: own }]);
    const asked = { ...configuration, namespace: reference };
    return { configuration: asked, namespaceArn: namespace.arn, services: own, hosts };
  });
}

/** By its ARN, or by its name; undefined where there is none. */
export async function findNamespace(call: Call, reference: string): Promise<Namespace | undefined> {
  if (reference.startsWith('arn:')) {
    try {
      const { Namespace } = await call('servicediscovery', 'GetNamespace', { Id: reference });
      return { arn: Namespace?.Arn ?? '', name: Namespace?.Name ?? '' };
    } catch (error) {
      if (error instanceof ServiceError && error.httpStatus < 500) return undefined;
      throw error;
    }
  }
  const Filters = [{ Name: 'NAME' as const, Values: [reference], Condition: 'EQ' as const }];
  const { Namespaces = [] } = await call('servicediscovery', 'ListNamespaces', { Filters });
  const [found] = Namespaces;
  return found && { arn: found.Arn ?? '', name: found.Name ?? '' };
}

/** The services of a namespace, deleted ones left out. */
export async function connectedServices(tx: ReadTx, namespaceArn: string, but?: string): Promise<ServiceRow[]> {
  const rows = await tx.list(services, { where: ['namespace', namespaceArn] });
  return rows.filter((row) => row.status !== 'INACTIVE' && row.arn !== but);
}

interface Claim {
  readonly serviceArn: string;
  readonly namespaceArn: string;
  readonly offers: readonly ConnectOffer[];
}

/** Answers the address of each name. */
async function claimAll(ctx: Context, wanted: Claim): Promise<ReadonlyMap<string, string>> {
  const kept = new Set<string>();
  for (;;) {
    const { addresses, leaving } = await ctx.write((tx) => claim(tx, ctx, wanted, kept));
    if (addresses) return addresses;
    // What is being removed might be gone a moment after it is taken up again: it goes first.
    for (const row of leaving) {
      const write: Context['write'] = (fn) => ctx.write(fn);
      if ((await endDiscovery({ call: ctx.call, write }, row).catch(isInUse)) === 'in use') kept.add(row.discoveryName);
    }
  }
}

/** Somebody has registered instances of their own: it cannot be removed. */
function isInUse(error: unknown): 'in use' {
  if (error instanceof ServiceError && error.code === 'ResourceInUse') return 'in use';
  throw error;
}

interface Claimed {
  readonly addresses?: ReadonlyMap<string, string>;
  readonly leaving: readonly ConnectDiscoveryRow[];
}

/** Claims all, or nothing where some are being removed, but for those that are `kept`. */
async function claim(tx: WriteTx, ctx: Context, wanted: Claim, kept: ReadonlySet<string>): Promise<Claimed> {
  const { serviceArn, namespaceArn, offers } = wanted;
  await refuseTaken(tx, { serviceArn, namespaceArn, services: offers });
  const { account, region } = ctx;
  const rows: ConnectDiscoveryRow[] = [];
  for (const { discoveryName } of offers) {
    const known = await tx.get(connectDiscoveries, discoveryKey(serviceArn, namespaceArn, discoveryName));
    rows.push(known ?? { account, region, serviceArn, namespaceArn, discoveryName, claimedAtMs: ctx.now });
  }
  const leaving = rows.filter((row) => row.isLeaving && !kept.has(row.discoveryName));
  if (leaving.length > 0) return { leaving };
  for (const { isLeaving: _kept, ...row } of rows) await tx.put(connectDiscoveries, { ...row, claimedAtMs: ctx.now });
  const names = offers.flatMap(({ aliases }) => aliases.map(({ dnsName }) => dnsName));
  return { addresses: await claimAddresses(tx, ctx, namespaceArn, names), leaving };
}

interface Names {
  readonly serviceArn: string;
  readonly namespaceArn: string;
  readonly services: readonly Pick<ConnectOffer, 'discoveryName' | 'aliases'>[];
}

/**
 * Asked in the transaction that writes a service, since its names were claimed before.
 * @throws InvalidParameterException where another service has been written meanwhile that has one of them
 * @throws Conflict where one of its Cloud Map services has been removed meanwhile, or is about to be
 */
export async function checkClaims(tx: ReadTx, serviceArn: string, connect: ConnectRow): Promise<void> {
  const { namespaceArn } = connect;
  await refuseTaken(tx, { serviceArn, namespaceArn, services: connect.services });
  for (const { discoveryName, discoveryArn } of connect.services) {
    const row = await tx.get(connectDiscoveries, discoveryKey(serviceArn, namespaceArn, discoveryName));
    if (row?.discoveryArn !== discoveryArn || row.isLeaving) {
      throw new Conflict(`The Cloud Map service of ${discoveryName} was removed.`);
    }
  }
}

/** @throws InvalidParameterException where a name or an alias is another service's */
async function refuseTaken(tx: ReadTx, { serviceArn, namespaceArn, services: own }: Names): Promise<void> {
  const others = await connectedServices(tx, namespaceArn, serviceArn);
  const theirs = others.flatMap((row) => row.connect?.services ?? []);
  for (const { discoveryName, aliases } of own) {
    if (theirs.some((one) => one.discoveryName === discoveryName)) throw nameTaken(discoveryName);
    const twice = aliases.find(({ dnsName, port }) =>
      theirs.some((one) => one.aliases.some((alias) => alias.dnsName === dnsName && alias.port === port)),
    );
    if (twice) throw invalidParameter(`The client alias ${twice.dnsName}:${twice.port} is in use in the namespace.`);
  }
}

/** The same one however often it is asked for: the token says whose it is. Answers its ARN. */
async function discoveryService(
  ctx: Context,
  {
    serviceArn,
    namespaceArn,
    name,
  }: { readonly serviceArn: string; readonly namespaceArn: string; readonly name: string },
): Promise<string> {
  const key = discoveryKey(serviceArn, namespaceArn, name);
  const discoveryArn = await createDiscovery(ctx.call, { serviceArn, namespaceArn, discoveryName: name });
  await ctx.write(async (tx) => {
    const row = await tx.get(connectDiscoveries, key);
    if (row) await tx.put(connectDiscoveries, { ...row, discoveryArn });
  });
  return discoveryArn;
}
