import type { Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx, Stored, Table, WriteTx } from '../../store/store.ts';
import { listRegion } from './describe.ts';
import { KINDS, notFoundOf, resourceOfArn, type ResourceKind } from './domain/resource-kind.ts';
import { checkMetadataTagKeys } from './domain/tags.ts';
import { invalidId } from './errors.ts';
import { type InstanceRow, instances, keyPairs, launchTemplates } from './instance-tables.ts';
import type { Ec2Context } from './operation.ts';
import { isVisible } from './public-addresses.ts';
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
  type SecurityGroupRow,
  securityGroups,
  subnets,
  vpcEndpoints,
  vpcs,
} from './tables.ts';

/** The tags of every kind of resource, wherever its rows keep them. */

interface TagRecord {
  readonly kind: ResourceKind;
  readonly resourceId: string;
  readonly tags: Tags;
}

interface TaggableTable {
  readonly kind: ResourceKind;
  readonly table: Table<any>;
}

const TABLES: readonly TaggableTable[] = [
  { kind: KINDS.vpc, table: vpcs },
  { kind: KINDS.subnet, table: subnets },
  { kind: KINDS.routeTable, table: routeTables },
  { kind: KINDS.internetGateway, table: internetGateways },
  { kind: KINDS.natGateway, table: natGateways },
  { kind: KINDS.vpcEndpoint, table: vpcEndpoints },
  { kind: KINDS.prefixList, table: prefixLists },
  { kind: KINDS.dhcpOptions, table: dhcpOptions },
  { kind: KINDS.networkAcl, table: networkAcls },
  { kind: KINDS.securityGroup, table: securityGroups },
  { kind: KINDS.networkInterface, table: networkInterfaces },
  { kind: KINDS.address, table: addresses },
  { kind: KINDS.instance, table: instances },
  { kind: KINDS.keyPair, table: keyPairs },
  { kind: KINDS.launchTemplate, table: launchTemplates },
];

/** Throws InvalidID for an id of no kind. */
export function kindOf(id: string): ResourceKind {
  const prefix = id.slice(0, id.lastIndexOf('-'));
  const kind = Object.values(KINDS).find((one) => one.prefix === prefix);
  if (!kind) throw invalidId(id);
  return kind;
}

/** Changes the tags of one resource; throws the kind's NotFound. */
export async function changeTags(
  tx: WriteTx,
  ctx: Ec2Context,
  id: string,
  change: (tags: Tags) => Tags,
): Promise<void> {
  const kind = kindOf(id);
  if (kind === KINDS.securityGroupRule) return changeRuleTags(tx, ctx, id, change);
  if (kind === KINDS.spotRequest) return changeSpotTags(tx, ctx, id, change);
  const table = tableOf(kind);
  const row = table && (await tx.get(table, resourceKey(ctx, id)));
  if (!table || !row || (kind === KINDS.address && !(await isVisibleAddress(tx, ctx, id)))) throw notFoundOf(kind, id);
  const tags = change(row.tags);
  if (kind === KINDS.instance) await checkTagsOfInstance(tx, ctx, id, tags);
  await tx.put(table, { ...row, tags });
}

async function checkTagsOfInstance(tx: ReadTx, scope: Scope, id: string, tags: Tags): Promise<void> {
  const row = await tx.get(instances, resourceKey(scope, id));
  if (row?.metadata.instanceMetadataTags === 'enabled') checkMetadataTagKeys(tags);
}

/** For `aws:ResourceTag`: undefined where nothing is behind the ARN. */
export async function tagsOfArn(tx: ReadTx, arn: string): Promise<Tags | undefined> {
  const named = resourceOfArn(arn);
  if (!named) return undefined;
  const { kind, scope, id } = named;
  if (kind === KINDS.securityGroupRule) {
    return (await groupOfRule(tx, scope, id))?.rules.find((rule) => rule.ruleId === id)?.tags;
  }
  if (kind === KINDS.spotRequest) return (await instanceOfRequest(tx, scope, id))?.spot?.tags;
  if (kind === KINDS.keyPair) {
    // Its ARN names it, where its tags go by its id.
    const [found] = await tx.list(keyPairs, { where: ['name', resourceKey(scope, id)], limit: 1 });
    if (found) return found.tags;
  }
  const table = tableOf(kind);
  return table && (await tx.get(table, resourceKey(scope, id)))?.tags;
}

/** Every resource of the region that has tags. */
export async function taggedResources(tx: ReadTx, ctx: Ec2Context): Promise<readonly TagRecord[]> {
  const records: TagRecord[] = [];
  for (const { kind, table } of TABLES) {
    if (table === addresses) continue;
    const rows: readonly Resource[] = await listRegion<Resource>(tx, table, ctx);
    records.push(...rows.map((row) => ({ kind, resourceId: row.id, tags: row.tags })));
  }
  for (const address of await listRegion(tx, addresses, ctx)) {
    if (isVisible(ctx, address)) records.push({ kind: KINDS.address, resourceId: address.id, tags: address.tags });
  }
  for (const group of await listRegion(tx, securityGroups, ctx)) {
    records.push(
      ...group.rules.map((rule) => ({ kind: KINDS.securityGroupRule, resourceId: rule.ruleId, tags: rule.tags })),
    );
  }
  for (const { spot } of await listRegion(tx, instances, ctx)) {
    if (spot?.tags) records.push({ kind: KINDS.spotRequest, resourceId: spot.requestId, tags: spot.tags });
  }
  return records.filter((record) => Object.keys(record.tags).length > 0);
}

function tableOf(kind: ResourceKind): Table<Resource> | undefined {
  return TABLES.find((one) => one.kind === kind)?.table;
}

async function groupOfRule(tx: ReadTx, scope: Scope, ruleId: string): Promise<Stored<SecurityGroupRow> | undefined> {
  const [group] = await tx.list(securityGroups, { where: ['rule', resourceKey(scope, ruleId)], limit: 1 });
  return group;
}

async function changeRuleTags(tx: WriteTx, scope: Scope, ruleId: string, change: (tags: Tags) => Tags): Promise<void> {
  const group = await groupOfRule(tx, scope, ruleId);
  if (!group) throw notFoundOf(KINDS.securityGroupRule, ruleId);
  await tx.put(securityGroups, {
    ...group,
    rules: group.rules.map((rule) => (rule.ruleId === ruleId ? { ...rule, tags: change(rule.tags) } : rule)),
  });
}

/** A request of Spot capacity is part of its instance. */
async function instanceOfRequest(tx: ReadTx, scope: Scope, id: string): Promise<Stored<InstanceRow> | undefined> {
  return (await listRegion(tx, instances, scope)).find((row) => row.spot?.requestId === id);
}

async function changeSpotTags(tx: WriteTx, scope: Scope, id: string, change: (tags: Tags) => Tags): Promise<void> {
  const row = await instanceOfRequest(tx, scope, id);
  if (!row?.spot) throw notFoundOf(KINDS.spotRequest, id);
  await tx.put<InstanceRow>(instances, { ...row, spot: { ...row.spot, tags: change(row.spot.tags ?? {}) } });
}

async function isVisibleAddress(tx: ReadTx, ctx: Ec2Context, id: string): Promise<boolean> {
  const row = await tx.get(addresses, resourceKey(ctx, id));
  return row !== undefined && isVisible(ctx, row);
}
