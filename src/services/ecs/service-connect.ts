import { createHash } from 'node:crypto';
import type { ServiceConnectConfiguration } from '@aws-sdk/client-ecs';
import type { Call, Context } from '../../api/context.ts';
import { ServiceError } from '../../kernel/errors.ts';
import type { ReadTx, WriteTx } from '../../store/store.ts';
import { connectHosts, connectOffers } from './domain/service-connect.ts';
import type { ConnectOffer } from './domain/service-connect.ts';
import { invalidParameter, namespaceNotFound } from './errors.ts';
import { claimAddresses } from './service-connect-addresses.ts';
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
  const addresses = await ctx.write((tx) => claim(tx, ctx, { serviceArn, namespaceArn: namespace.arn, offers }));
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
async function claim(tx: WriteTx, ctx: Context, { serviceArn, namespaceArn, offers }: Claim) {
  const others = await connectedServices(tx, namespaceArn, serviceArn);
  const theirs = others.flatMap((row) => row.connect?.services ?? []);
  for (const { discoveryName, aliases } of offers) {
    if (theirs.some((one) => one.discoveryName === discoveryName)) throw nameTaken(discoveryName);
    const twice = aliases.find(({ dnsName, port }) =>
      theirs.some((one) => one.aliases.some((alias) => alias.dnsName === dnsName && alias.port === port)),
    );
    if (twice) throw invalidParameter(`The client alias ${twice.dnsName}:${twice.port} is in use in the namespace.`);
    const key = discoveryKey(serviceArn, namespaceArn, discoveryName);
    const { account, region } = ctx;
    const known = await tx.get(connectDiscoveries, key);
    const row = { account, region, serviceArn, namespaceArn, discoveryName, ...known, claimedAtMs: ctx.now };
    await tx.put(connectDiscoveries, row);
  }
  const names = offers.flatMap(({ aliases }) => aliases.map(({ dnsName }) => dnsName));
  return claimAddresses(tx, ctx, namespaceArn, names);
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

/** @throws InvalidParameterException where the name is another's */
export async function createDiscovery(
  call: Call,
  row: Pick<ConnectDiscoveryRow, 'serviceArn' | 'namespaceArn' | 'discoveryName'>,
): Promise<string> {
  const { namespaceArn, discoveryName } = row;
  const key = discoveryKey(row.serviceArn, namespaceArn, discoveryName);
  try {
    const { Service } = await call('servicediscovery', 'CreateService', {
      Name: discoveryName,
      NamespaceId: namespaceArn,
      Type: 'HTTP',
      HealthCheckCustomConfig: { FailureThreshold: 1 },
      CreatorRequestId: createHash('sha256').update(key).digest('hex'),
      Tags: [{ Key: 'AmazonECSManaged', Value: 'true' }],
    });
    return Service?.Arn ?? '';
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.code === 'ServiceAlreadyExists') throw nameTaken(discoveryName);
    if (error.code === 'NamespaceNotFound') throw namespaceNotFound();
    throw error;
  }
}

function nameTaken(discoveryName: string): ServiceError {
  return invalidParameter(`The discovery name ${discoveryName} is in use in the namespace.`);
}
