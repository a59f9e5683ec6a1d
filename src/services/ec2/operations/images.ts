import type { Image } from '@aws-sdk/client-ec2';
import { nextTokenOf, pageOf } from '../describe.ts';
import { type FilterFields, matcher } from '../domain/filters.ts';
import type { ImageRecord } from '../domain/machine-images.ts';
import { hostImages, requireImages } from '../image-lookup.ts';
import { operation } from '../operation.ts';

const none = () => undefined;

const FIELDS: FilterFields<ImageRecord> = {
  architecture: (image) => image.architecture,
  'block-device-mapping.delete-on-termination': () => true,
  'block-device-mapping.device-name': (image) => image.rootDevice,
  'block-device-mapping.encrypted': () => false,
  'block-device-mapping.volume-size': (image) => image.volumeGiB,
  'block-device-mapping.volume-type': (image) => image.volumeType,
  'creation-date': (image) => new Date(image.createdAt).toISOString(),
  description: (image) => image.description,
  'ena-support': () => true,
  hypervisor: () => 'xen',
  'image-allowed': none,
  'image-id': (image) => image.id,
  'image-type': () => 'machine',
  'is-public': () => true,
  'kernel-id': none,
  'manifest-location': (image) => `amazon/${image.name}`,
  name: (image) => image.name,
  'owner-alias': () => 'amazon',
  'owner-id': (image) => image.ownerId,
  platform: none,
  'platform-details': () => 'Linux/UNIX',
  'product-code': none,
  'product-code.type': none,
  'ramdisk-id': none,
  'root-device-name': (image) => image.rootDevice,
  'root-device-type': () => 'ebs',
  'source-instance-id': none,
  state: () => 'available',
  'state-reason-code': none,
  'state-reason-message': none,
  'sriov-net-support': () => 'simple',
  'usage-operation': () => 'RunInstances',
  'virtualization-type': () => 'hvm',
};

/** The machine images that this server has, which are Amazon's by name. */
export const DescribeImages = operation('DescribeImages', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const matches = matcher(FIELDS, input.Filters);
    const { ImageIds: ids = [], Owners: owners = [], ExecutableUsers: users = [] } = input;
    const images = ids.length > 0 ? requireImages(ctx, ids) : hostImages(ctx);
    const isOf = (image: ImageRecord) =>
      owners.length === 0 || owners.includes('amazon') || owners.includes(image.ownerId);
    const mayRun = users.length === 0 || users.includes('all');
    const page = pageOf(
      images.filter((image) => mayRun && isOf(image) && matches(image)),
      (image) => image.id,
      input,
    );
    return { Images: page.items.map(imageView), ...nextTokenOf(page) };
  },
});

function imageView(image: ImageRecord): Image {
  return {
    ImageId: image.id,
    Name: image.name,
    Description: image.description,
    ImageLocation: `amazon/${image.name}`,
    ImageOwnerAlias: 'amazon',
    ImageType: 'machine',
    OwnerId: image.ownerId,
    Public: true,
    State: 'available',
    Architecture: image.architecture,
    CreationDate: new Date(image.createdAt).toISOString(),
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    EnaSupport: true,
    Hypervisor: 'xen',
    SriovNetSupport: 'simple',
    VirtualizationType: 'hvm',
    RootDeviceName: image.rootDevice,
    RootDeviceType: 'ebs',
    ...(image.imdsSupport ? { ImdsSupport: image.imdsSupport } : {}),
    BlockDeviceMappings: [
      {
        DeviceName: image.rootDevice,
        Ebs: {
          DeleteOnTermination: true,
          Encrypted: false,
          VolumeSize: image.volumeGiB,
          VolumeType: image.volumeType === 'gp2' ? 'gp2' : 'gp3',
        },
      },
    ],
  };
}
