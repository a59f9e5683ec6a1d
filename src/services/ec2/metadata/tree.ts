import { privateDnsName, publicDnsName } from '../domain/dns-name.ts';
import { INSTANCE_TYPES } from '../domain/instance-types.ts';
import type { InstanceRow, KeyPairRow } from '../instance-tables.ts';
import type { NetworkInterfaceRow, SubnetRow, VpcRow } from '../tables.ts';
import { rootDeviceName } from '../views/instance.ts';

/** An instance with all that its metadata tells. */
export interface MetadataRecord {
  readonly row: InstanceRow;
  readonly networkInterface: NetworkInterfaceRow;
  readonly vpc: VpcRow;
  readonly subnet: SubnetRow;
  readonly keyPair?: KeyPairRow;
}

/** The role that its instance profile has, and how its credentials are got. */
export interface MetadataRole {
  readonly name: string;
  readonly credentials: () => Promise<string>;
}

/** A folder of the service, or what a path answers. */
export interface MetadataTree {
  readonly [name: string]: MetadataTree | string | (() => Promise<string>);
}

/**
 * Everything below `/latest`, `user-data` apart.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-metadata.html#instancedata-data-categories
 */
export function metadataTree(record: MetadataRecord, role: MetadataRole | undefined): MetadataTree {
  const { row, networkInterface: own, vpc } = record;
  const hostname = privateDnsName(row.region, own.privateIp);
  const publicIp = own.association?.publicIp;
  return {
    dynamic: { 'instance-identity': { document: identityDocument(row, own) } },
    'meta-data': {
      'ami-id': row.imageId,
      'ami-launch-index': String(row.launchIndex),
      'ami-manifest-path': '(unknown)',
      'block-device-mapping': { ami: rootDeviceName(row).replace('/dev/', ''), root: rootDeviceName(row) },
      ...spotTree(row),
      hostname,
      ...iamTree(row, role),
      'instance-action': 'none',
      'instance-id': row.id,
      'instance-life-cycle': row.spot ? 'spot' : 'on-demand',
      'instance-type': row.instanceType,
      'local-hostname': hostname,
      'local-ipv4': own.privateIp,
      mac: own.macAddress,
      network: { interfaces: { macs: { [own.macAddress]: interfaceTree(record) } } },
      placement: {
        'availability-zone': row.zoneName,
        'availability-zone-id': row.zoneId,
        region: row.region,
      },
      profile: 'default-hvm',
      ...(publicIp === undefined ? {} : { ...publicName(vpc, publicIp), 'public-ipv4': publicIp }),
      ...(record.keyPair ? { 'public-keys': { 0: { 'openssh-key': `${record.keyPair.publicKey}\n` } } } : {}),
      'reservation-id': row.reservationId,
      'security-groups': own.groups.map((group) => group.groupName).join('\n'),
      services: { domain: 'amazonaws.com', partition: 'aws' },
      ...(row.metadata.instanceMetadataTags === 'enabled' ? { tags: { instance: row.tags } } : {}),
    },
  };
}

/**
 * Nothing before the notice of an interruption.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
function spotTree({ spot }: InstanceRow): MetadataTree {
  const { interruption, behavior: action = 'terminate' } = spot ?? {};
  if (!interruption) return {};
  const time = instant(interruption.at);
  const noticeTime = instant(interruption.noticedAt);
  return {
    events: { recommendations: { rebalance: JSON.stringify({ noticeTime }) } },
    spot: {
      'instance-action': JSON.stringify({ action, time }),
      ...(action === 'terminate' ? { 'termination-time': time } : {}),
    },
  };
}

function publicName(vpc: VpcRow, publicIp: string): MetadataTree {
  if (!vpc.enableDnsHostnames || !vpc.enableDnsSupport) return {};
  return { 'public-hostname': publicDnsName(vpc.region, publicIp) };
}

function interfaceTree({ networkInterface: own, vpc, subnet }: MetadataRecord): MetadataTree {
  const publicIp = own.association?.publicIp;
  const blocks = vpc.cidrBlocks.map((block) => block.cidrBlock);
  return {
    'device-number': String(own.attachment?.deviceIndex ?? 0),
    'interface-id': own.id,
    ...(publicIp === undefined
      ? {}
      : { 'ipv4-associations': { [publicIp]: own.privateIp }, ...publicName(vpc, publicIp), 'public-ipv4s': publicIp }),
    'local-hostname': privateDnsName(own.region, own.privateIp),
    'local-ipv4s': own.privateIp,
    mac: own.macAddress,
    'owner-id': own.account,
    'security-group-ids': own.groups.map((group) => group.groupId).join('\n'),
    'security-groups': own.groups.map((group) => group.groupName).join('\n'),
    'subnet-id': own.subnetId,
    'subnet-ipv4-cidr-block': subnet.cidrBlock,
    'vpc-id': own.vpcId,
    'vpc-ipv4-cidr-block': blocks[0] ?? '',
    'vpc-ipv4-cidr-blocks': blocks.join('\n'),
  };
}

function iamTree(row: InstanceRow, role: MetadataRole | undefined): MetadataTree {
  if (!row.profile) return {};
  const info = {
    Code: 'Success',
    LastUpdated: instant(row.profile.associatedAt),
    InstanceProfileArn: row.profile.profileArn,
    InstanceProfileId: row.profile.profileId,
  };
  return {
    iam: {
      info: JSON.stringify(info, undefined, 2),
      ...(role ? { 'security-credentials': { [role.name]: role.credentials } } : {}),
    },
  };
}

function identityDocument(row: InstanceRow, own: NetworkInterfaceRow): string {
  const document = {
    accountId: row.account,
    architecture: INSTANCE_TYPES.get(row.instanceType)?.architecture ?? 'x86_64',
    availabilityZone: row.zoneName,
    billingProducts: null,
    devpayProductCodes: null,
    marketplaceProductCodes: null,
    imageId: row.imageId,
    instanceId: row.id,
    instanceType: row.instanceType,
    kernelId: null,
    pendingTime: instant(row.launchedAt),
    privateIp: own.privateIp,
    ramdiskId: null,
    region: row.region,
    version: '2017-09-30',
  };
  return JSON.stringify(document, undefined, 2);
}

/** Whole seconds, as the service has them. */
export function instant(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** What a path below `/latest` answers; undefined where nothing is. A folder answers its names. */
export async function readMetadata(
  tree: MetadataTree,
  path: readonly string[],
  keyName: string | undefined,
): Promise<string | undefined> {
  let at: MetadataTree[string] = tree;
  const isFolder = path.at(-1) === '';
  const names = isFolder ? path.slice(0, -1) : path;
  for (const name of names) {
    if (typeof at !== 'object') return undefined;
    const next: MetadataTree[string] | undefined = Object.hasOwn(at, name) ? at[name] : undefined;
    if (next === undefined) return undefined;
    at = next;
  }
  if (typeof at === 'object') {
    // The one folder whose names say more than their paths.
    if (names.join('/') === 'meta-data/public-keys') return `0=${keyName ?? ''}`;
    return Object.entries(at)
      .map(([name, value]) => (typeof value === 'object' ? `${name}/` : name))
      .join('\n');
  }
  if (isFolder) return undefined;
  return typeof at === 'function' ? at() : at;
}
