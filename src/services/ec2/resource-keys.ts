import type { ConditionValues, Permission } from '../../api/operation.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Table } from '../../store/store.ts';
import { arnOf, KINDS, resourceOfArn, type ResourceKind } from './domain/resource-kind.ts';
import { instances, keyPairs, launchTemplates, type MetadataOptions } from './instance-tables.ts';
import {
  addresses,
  dhcpOptions,
  internetGateways,
  natGateways,
  networkAcls,
  networkInterfaces,
  prefixLists,
  type Resource,
  resourceKey,
  routeTables,
  securityGroups,
  subnets,
  vpcEndpoints,
  vpcs,
} from './tables.ts';

/**
 * EC2's own condition keys: of the resources that a call touches, by their ids and their rows.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html#amazonec2-policy-keys
 */

interface KeysOfKind {
  readonly kind: ResourceKind;
  readonly read: (tx: ReadTx, scope: Scope, id: string) => Promise<ConditionValues>;
}

function keysOf<R extends Resource>(
  kind: ResourceKind,
  table: Table<R>,
  /** Empty where AWS has no key for the id. */
  idKey: string,
  ofRow: (row: R) => ConditionValues = () => ({}),
): KeysOfKind {
  return {
    kind,
    async read(tx, scope, id) {
      const row = await tx.get(table, resourceKey(scope, id));
      return { ...(idKey && { [idKey]: id }), ...(row && ofRow(row)) };
    },
  };
}

/** What instances are told apart by, one that runs and one that is to be launched. */
interface InstanceFacts {
  readonly instanceType: string;
  readonly isSpot: boolean;
  readonly ebsOptimized: boolean;
  /** As far as they are known. */
  readonly metadata: Partial<MetadataOptions>;
  readonly operator?: string | undefined;
  readonly profileArn: string | undefined;
}

export function instanceKeys({ metadata, operator, profileArn, ...facts }: InstanceFacts): ConditionValues {
  const hops = metadata.httpPutResponseHopLimit;
  return {
    'ec2:instancetype': facts.instanceType,
    'ec2:instancemarkettype': facts.isSpot ? 'spot' : 'on-demand',
    'ec2:ebsoptimized': String(facts.ebsOptimized),
    'ec2:instanceautorecovery': 'default',
    'ec2:rootdevicetype': 'ebs',
    'ec2:tenancy': 'default',
    ...(metadata.httpTokens && { 'ec2:metadatahttptokens': metadata.httpTokens }),
    ...(metadata.httpEndpoint && { 'ec2:metadatahttpendpoint': metadata.httpEndpoint }),
    ...(hops !== undefined && { 'ec2:metadatahttpputresponsehoplimit': String(hops) }),
    ...(metadata.instanceMetadataTags && { 'ec2:instancemetadatatags': metadata.instanceMetadataTags }),
    ...(operator && { 'ec2:managedresourceoperator': operator }),
    ...(profileArn && { 'ec2:instanceprofile': profileArn }),
  };
}

const inVpc = (row: Resource & { readonly vpcId: string }) => ({ 'ec2:vpc': arnOf(KINDS.vpc, row, row.vpcId) });

const KEYS: readonly KeysOfKind[] = [
  keysOf(KINDS.vpc, vpcs, 'ec2:vpcid', () => ({ 'ec2:tenancy': 'default' })),
  keysOf(KINDS.subnet, subnets, 'ec2:subnetid', (row) => ({
    ...inVpc(row),
    'ec2:availabilityzone': row.zoneName,
    'ec2:availabilityzoneid': row.zoneId,
  })),
  keysOf(KINDS.routeTable, routeTables, 'ec2:routetableid', inVpc),
  keysOf(KINDS.internetGateway, internetGateways, 'ec2:internetgatewayid'),
  keysOf(KINDS.natGateway, natGateways, '', inVpc),
  keysOf(KINDS.vpcEndpoint, vpcEndpoints, '', (row) => endpointKeys(row.serviceName, row.region)),
  keysOf(KINDS.prefixList, prefixLists, ''),
  keysOf(KINDS.dhcpOptions, dhcpOptions, 'ec2:dhcpoptionsid'),
  keysOf(KINDS.networkAcl, networkAcls, 'ec2:networkaclid', inVpc),
  keysOf(KINDS.securityGroup, securityGroups, 'ec2:securitygroupid', inVpc),
  keysOf(KINDS.networkInterface, networkInterfaces, 'ec2:networkinterfaceid', (row) => ({
    ...inVpc(row),
    'ec2:subnet': arnOf(KINDS.subnet, row, row.subnetId),
    'ec2:availabilityzone': row.zoneName,
  })),
  keysOf(KINDS.address, addresses, 'ec2:allocationid', (row) => ({
    'ec2:domain': 'vpc',
    'ec2:publicipaddress': row.publicIp,
  })),
  keysOf(KINDS.instance, instances, 'ec2:instanceid', (row) => ({
    'ec2:availabilityzone': row.zoneName,
    'ec2:availabilityzoneid': row.zoneId,
    ...instanceKeys({ ...row, isSpot: row.spot !== undefined, profileArn: row.profile?.profileArn }),
  })),
  {
    // Its ARN names it, where its row goes by its id.
    kind: KINDS.keyPair,
    async read(tx, scope, name) {
      const [row] = await tx.list(keyPairs, { where: ['name', resourceKey(scope, name)], limit: 1 });
      return { 'ec2:keypairname': row?.name ?? name, ...(row && { 'ec2:keypairtype': row.type }) };
    },
  },
  keysOf(KINDS.launchTemplate, launchTemplates, ''),
];

/** Of a VPC endpoint, also of one that is asked for. */
export function endpointKeys(serviceName: string, region: string): ConditionValues {
  return { 'ec2:vpceservicename': serviceName, 'ec2:vpceserviceregion': region, 'ec2:vpceserviceowner': 'amazon' };
}

/** Those that every call has. */
export function callKeys(scope: Scope): ConditionValues {
  return { 'ec2:region': scope.region };
}

/**
 * The keys of all that a call touches, without those in which its resources differ: such a key has no one value, and
 * `differing` asks for each resource by itself.
 */
export async function commonKeys(tx: ReadTx, arns: readonly string[]): Promise<ConditionValues> {
  const all = await Promise.all(arns.map((arn) => keysOfArn(tx, arn)));
  const disputed = disputedKeys(all);
  return Object.fromEntries(all.flatMap((keys) => Object.entries(keys)).filter(([key]) => !disputed.has(key)));
}

/** The action on each of the resources that have a key in which they differ, with their own values of it. */
export async function differing(
  tx: ReadTx,
  scope: Scope,
  action: string,
  arns: readonly string[],
): Promise<readonly Permission[]> {
  if (arns.length < 2) return [];
  const all = await Promise.all(arns.map(async (arn) => ({ arn, keys: await keysOfArn(tx, arn) })));
  const disputed = disputedKeys(all.map(({ keys }) => keys));
  return all
    .filter(({ keys }) => Object.keys(keys).some((key) => disputed.has(key)))
    .map(({ arn, keys }) => ({ action, resources: [arn], conditions: { ...callKeys(scope), ...keys } }));
}

/** An action on one resource, with its keys. */
export async function permissionOn(tx: ReadTx, scope: Scope, action: string, arn: string): Promise<Permission> {
  return { action, resources: [arn], conditions: { ...callKeys(scope), ...(await keysOfArn(tx, arn)) } };
}

export async function keysOfArn(tx: ReadTx, arn: string): Promise<ConditionValues> {
  const named = resourceOfArn(arn);
  const ofKind = named && KEYS.find(({ kind }) => kind === named.kind);
  return ofKind ? ofKind.read(tx, named.scope, named.id) : {};
}

function disputedKeys(all: readonly ConditionValues[]): ReadonlySet<string> {
  const first = new Map<string, unknown>();
  const disputed = new Set<string>();
  for (const [key, value] of all.flatMap((keys) => Object.entries(keys))) {
    if (first.has(key) && first.get(key) !== value) disputed.add(key);
    first.set(key, value);
  }
  return disputed;
}
