import type { Volume } from '@aws-sdk/client-ec2';
import { readRegion } from '../default-vpc.ts';
import { listRegion, nextTokenOf, pageOf } from '../describe.ts';
import { type FilterFields, matcher } from '../domain/filters.ts';
import { notFoundOf, KINDS } from '../domain/resource-kind.ts';
import { type BlockDevice, instances, type InstanceRow } from '../instance-tables.ts';
import { operation } from '../operation.ts';

/** A disk of an instance, as it was asked for at its launch. */
interface Disk {
  readonly row: InstanceRow;
  readonly device: BlockDevice;
}

const FIELDS: FilterFields<Disk> = {
  'attachment.attach-time': ({ row }) => new Date(row.createdAt).toISOString(),
  'attachment.delete-on-termination': ({ device }) => device.deleteOnTermination,
  'attachment.device': ({ device }) => device.deviceName,
  'attachment.instance-id': ({ row }) => row.id,
  'attachment.status': () => 'attached',
  'availability-zone': ({ row }) => row.zoneName,
  'availability-zone-id': ({ row }) => row.zoneId,
  'create-time': ({ row }) => new Date(row.createdAt).toISOString(),
  encrypted: ({ device }) => device.encrypted,
  'multi-attach-enabled': () => false,
  size: ({ device }) => device.volumeSize,
  status: () => 'in-use',
  'volume-id': ({ device }) => device.volumeId,
  'volume-type': ({ device }) => device.volumeType,
};

/** Only those of instances: volumes of their own are not built. */
export const DescribeVolumes = operation('DescribeVolumes', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const matches = matcher(FIELDS, input.Filters);
    const rows = await readRegion(ctx, (tx) => listRegion(tx, instances, ctx));
    const all = rows
      .filter((row) => row.state !== 'terminated')
      .flatMap((row) => row.blockDevices.map((device): Disk => ({ row, device })));
    const ids = input.VolumeIds ?? [];
    const missing = ids.find((id) => !all.some(({ device }) => device.volumeId === id));
    if (missing !== undefined) throw notFoundOf(KINDS.volume, missing);
    const page = pageOf(
      all.filter((disk) => (ids.length === 0 || ids.includes(disk.device.volumeId)) && matches(disk)),
      ({ device }) => device.volumeId,
      input,
    );
    return { Volumes: page.items.map(volumeView), ...nextTokenOf(page) };
  },
});

function volumeView({ row, device }: Disk): Volume {
  return {
    VolumeId: device.volumeId,
    AvailabilityZone: row.zoneName,
    CreateTime: new Date(row.createdAt),
    Encrypted: device.encrypted,
    MultiAttachEnabled: false,
    Size: device.volumeSize,
    SnapshotId: '',
    State: 'in-use',
    VolumeType: device.volumeType as NonNullable<Volume['VolumeType']>,
    Tags: [],
    Attachments: [
      {
        AttachTime: new Date(row.createdAt),
        DeleteOnTermination: device.deleteOnTermination,
        Device: device.deviceName,
        InstanceId: row.id,
        State: 'attached',
        VolumeId: device.volumeId,
      },
    ],
  };
}
