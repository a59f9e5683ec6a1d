import type { InstanceAttribute, InstanceAttributeName, ModifyInstanceAttributeRequest } from '@aws-sdk/client-ec2';
import type { ConditionValues } from '../../../api/operation.ts';
import type { Stored, WriteTx } from '../../../store/store.ts';
import { readRegion, writeRegion } from '../default-vpc.ts';
import { changedMetadata, userDataOf } from '../domain/launch-options.ts';
import { INSTANCE_TYPES } from '../domain/instance-types.ts';
import { arnsOf, KINDS } from '../domain/resource-kind.ts';
import { checkMetadataTagKeys } from '../domain/tags.ts';
import {
  incorrectInstanceState,
  invalidInstanceType,
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
  unsupportedParameter,
  unsupportedValue,
} from '../errors.ts';
import { partsOf, requireInstance } from '../instance-lookup.ts';
import { instances, type InstanceRow } from '../instance-tables.ts';
import { interfaceGroups } from '../interface-groups.ts';
import { type Ec2Context, operation } from '../operation.ts';
import { networkInterfaces, resourceKey } from '../tables.ts';
import { blockDeviceViews, type InstanceParts, metadataView, rootDeviceName } from '../views/instance.ts';

type Attributes = Readonly<Record<InstanceAttributeName, (parts: InstanceParts) => InstanceAttribute>>;

const ATTRIBUTES: Attributes = {
  blockDeviceMapping: ({ row }) => ({ BlockDeviceMappings: blockDeviceViews(row) }),
  disableApiStop: ({ row }) => ({ DisableApiStop: { Value: row.disableApiStop } }),
  disableApiTermination: ({ row }) => ({ DisableApiTermination: { Value: row.disableApiTermination } }),
  ebsOptimized: ({ row }) => ({ EbsOptimized: { Value: row.ebsOptimized } }),
  enaSupport: () => ({ EnaSupport: { Value: true } }),
  enclaveOptions: () => ({ EnclaveOptions: { Enabled: false } }),
  groupSet: ({ networkInterface: own }) => ({
    Groups: (own?.groups ?? []).map((group) => ({ GroupId: group.groupId, GroupName: group.groupName })),
  }),
  instanceInitiatedShutdownBehavior: ({ row }) => ({
    InstanceInitiatedShutdownBehavior: { Value: row.shutdownBehavior },
  }),
  instanceType: ({ row }) => ({ InstanceType: { Value: row.instanceType } }),
  kernel: () => ({ KernelId: {} }),
  productCodes: () => ({ ProductCodes: [] }),
  ramdisk: () => ({ RamdiskId: {} }),
  rootDeviceName: ({ row }) => ({ RootDeviceName: { Value: rootDeviceName(row) } }),
  sourceDestCheck: () => ({ SourceDestCheck: { Value: true } }),
  sriovNetSupport: () => ({ SriovNetSupport: { Value: 'simple' } }),
  userData: ({ row }) => ({ UserData: row.userData === undefined ? {} : { Value: row.userData } }),
};

export const DescribeInstanceAttribute = operation('DescribeInstanceAttribute', {
  readOnly: true,
  resources: (input, scope) => arnsOf(KINDS.instance, scope, [input.InstanceId]),
  handle: async (ctx, input) => {
    const { InstanceId: id, Attribute: name } = input;
    if (!id) throw missingParameter('instanceId');
    if (!name) throw missingParameter('attribute');
    if (!Object.hasOwn(ATTRIBUTES, name))
      throw invalidParameterValue(`Value (${name}) for parameter attribute is invalid.`);
    const parts = await readRegion(ctx, async (tx) => partsOf(tx, await requireInstance(tx, ctx, id)));
    return { InstanceId: id, ...ATTRIBUTES[name](parts) };
  },
});

/** One attribute to a call. The type and user data only of an instance that is stopped. */
export const ModifyInstanceAttribute = operation('ModifyInstanceAttribute', {
  resources: (input, scope) => [
    ...arnsOf(KINDS.instance, scope, [input.InstanceId]),
    ...arnsOf(KINDS.securityGroup, scope, input.Groups ?? []),
  ],
  keys: (input) => attributeKeys(input),
  unsupported: ['BlockDeviceMappings', 'EnclaveOptions', 'Kernel', 'Ramdisk', 'SriovNetSupport', 'EnaSupport'],
  handle: async (ctx, input) => {
    const { InstanceId: id } = input;
    if (!id) throw missingParameter('instanceId');
    const wanted = wantedChange(input);
    await writeRegion(ctx, async (tx) => {
      const row = await requireInstance(tx, ctx, id);
      if (wanted.groups) {
        await changeGroups(tx, ctx, row, wanted.groups);
        return;
      }
      if (wanted.whenStopped && row.state !== 'stopped') {
        throw incorrectInstanceState(
          `The instance '${id}' is not in the 'stopped' state. Stop it to change this attribute.`,
        );
      }
      const changed = wanted.change(row);
      await tx.put<InstanceRow>(instances, changed);
    });
    return {};
  },
});

interface WantedChange {
  readonly whenStopped?: true;
  readonly groups?: readonly string[];
  readonly change: (row: Stored<InstanceRow>) => Stored<InstanceRow>;
}

function wantedChange(input: ModifyInstanceAttributeRequest): WantedChange {
  const changes = [
    input.DisableApiTermination && flag('disableApiTermination', input.DisableApiTermination.Value),
    input.DisableApiStop && flag('disableApiStop', input.DisableApiStop.Value),
    input.EbsOptimized && flag('ebsOptimized', input.EbsOptimized.Value),
    input.SourceDestCheck && sourceDestCheck(input.SourceDestCheck.Value),
    input.InstanceType && newType(input.InstanceType.Value),
    input.InstanceInitiatedShutdownBehavior && shutdownBehavior(input.InstanceInitiatedShutdownBehavior.Value),
    input.UserData && newUserData(Buffer.from(input.UserData.Value ?? []).toString('base64')),
    input.Groups?.length ? { groups: input.Groups, change: same } : undefined,
    input.Attribute && byName(input.Attribute, input.Value ?? ''),
  ].filter((one): one is WantedChange => one !== undefined && typeof one === 'object');
  const [only, second] = changes;
  if (!only) throw missingParameter('attribute');
  if (second) throw invalidParameterCombination('Fields for multiple attribute types specified');
  return only;
}

const same = (row: Stored<InstanceRow>) => row;

function byName(name: InstanceAttributeName, value: string): WantedChange {
  switch (name) {
    case 'disableApiTermination':
    case 'disableApiStop':
    case 'ebsOptimized':
      return flag(name, value === 'true');
    case 'instanceType':
      return newType(value);
    case 'instanceInitiatedShutdownBehavior':
      return shutdownBehavior(value);
    case 'userData':
      return newUserData(value);
    default:
      throw unsupportedParameter(`Attribute ${name}`);
  }
}

function flag(name: 'disableApiTermination' | 'disableApiStop' | 'ebsOptimized', value = false): WantedChange {
  return { change: (row) => ({ ...row, [name]: value }), ...(name === 'ebsOptimized' ? { whenStopped: true } : {}) };
}

function sourceDestCheck(value: boolean | undefined): WantedChange {
  if (value === false) {
    throw unsupportedValue('false', 'SourceDestCheck', 'Interfaces always check the source and destination.');
  }
  return { change: same };
}

function newType(name = ''): WantedChange {
  const type = INSTANCE_TYPES.get(name);
  if (!type) throw invalidInstanceType(name);
  return {
    whenStopped: true,
    change: (row) => {
      const before = INSTANCE_TYPES.get(row.instanceType)?.architecture;
      if (before !== type.architecture) throw invalidParameterValue(`The architecture of ${name} is not ${before}.`);
      return { ...row, instanceType: name, vcpus: type.vcpus, memoryMiB: type.memoryMiB };
    },
  };
}

function shutdownBehavior(value = ''): WantedChange {
  if (value !== 'stop' && value !== 'terminate') {
    throw invalidParameterValue(`Invalid value '${value}' for instanceInitiatedShutdownBehavior.`);
  }
  return { change: (row) => ({ ...row, shutdownBehavior: value }) };
}

function newUserData(base64: string): WantedChange {
  const userData = userDataOf(base64);
  return {
    whenStopped: true,
    change: (before) => {
      const { userData: _, ...row } = before;
      return userData === undefined ? row : { ...row, userData };
    },
  };
}

async function changeGroups(
  tx: WriteTx,
  ctx: Ec2Context,
  row: InstanceRow,
  groupIds: readonly string[],
): Promise<void> {
  const own = await tx.get(networkInterfaces, resourceKey(ctx, row.networkInterfaceId));
  if (own?.attachment?.instanceId !== row.id) {
    throw incorrectInstanceState(`The instance '${row.id}' has no network interface any more.`);
  }
  await tx.put(networkInterfaces, { ...own, groups: await interfaceGroups(tx, ctx, own.vpcId, groupIds) });
}

export const ModifyInstanceMetadataOptions = operation('ModifyInstanceMetadataOptions', {
  resources: (input, scope) => arnsOf(KINDS.instance, scope, [input.InstanceId]),
  keys: (input) => attributeKeys(input),
  handle: async (ctx, input) => {
    const { InstanceId: id } = input;
    if (!id) throw missingParameter('instanceId');
    const row = await writeRegion(ctx, async (tx) => {
      const before = await requireInstance(tx, ctx, id);
      const metadata = changedMetadata(before.metadata, input);
      if (metadata.instanceMetadataTags === 'enabled') checkMetadataTagKeys(before.tags);
      await changeHopLimit(tx, before, metadata.httpPutResponseHopLimit);
      return tx.put<InstanceRow>(instances, { ...before, metadata });
    });
    return { InstanceId: id, InstanceMetadataOptions: { State: 'pending' as const, ...metadataView(row.metadata) } };
  },
});

/** Where the network knows it from. */
async function changeHopLimit(tx: WriteTx, row: InstanceRow, metadataHopLimit: number): Promise<void> {
  const own = await tx.get(networkInterfaces, resourceKey(row, row.networkInterfaceId));
  if (own?.attachment?.instanceId !== row.id || own.attachment.metadataHopLimit === metadataHopLimit) return;
  await tx.put(networkInterfaces, { ...own, attachment: { ...own.attachment, metadataHopLimit } });
}

/** What of the instance is set, and to what: `ec2:Attribute` and `ec2:Attribute/NAME`. */
function attributeKeys(input: ModifyInstanceAttributeRequest): ConditionValues {
  const { InstanceId: _, DryRun: _dry, Attribute: named, Value: value, ...members } = input;
  const set: readonly (readonly [string, unknown])[] = [
    ...Object.entries(members).map(([name, of]) => [name, isHolder(of) ? of.Value : of] as const),
    ...(named ? [[`${named[0]?.toUpperCase()}${named.slice(1)}`, value] as const] : []),
  ];
  // User data may hold secrets, which no policy needs.
  const texts = set.filter(([name, of]) => name !== 'UserData' && ['string', 'number', 'boolean'].includes(typeof of));
  return {
    ...(texts.length > 0 && { 'ec2:attribute': texts.map(([name]) => name) }),
    ...Object.fromEntries(texts.map(([name, of]) => [`ec2:attribute/${name.toLowerCase()}`, String(of)])),
  };
}

/** Attributes come as `{ Value }`. */
function isHolder(value: unknown): value is { readonly Value?: unknown } {
  return typeof value === 'object' && value !== null && 'Value' in value;
}
