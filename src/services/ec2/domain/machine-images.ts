import { createHash } from 'node:crypto';
import type { MachineImage } from '../../../instances/instance-driver.ts';

/** The machine images that this server has, each under a name and an id as Amazon's have. */
export type Architecture = 'x86_64' | 'arm64';

export interface ImageRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly machine: MachineImage;
  readonly architecture: Architecture;
  readonly ownerId: string;
  readonly rootDevice: string;
  readonly volumeGiB: number;
  readonly volumeType: string;
  /** In ms since the epoch. */
  readonly createdAt: number;
  /** Images of Amazon Linux 2023 ask for tokens by default. */
  readonly imdsSupport?: 'v2.0';
}

type Made = (architecture: Architecture) => Omit<ImageRecord, 'id' | 'architecture'>;

const CREATED_AT = Date.UTC(2025, 8, 23, 17, 0, 0);
const ECS_OWNER = '591542846629';
const AMAZON_OWNER = '137112412989';

const IMAGES: readonly Made[] = [
  (architecture) => ({
    name: `amzn2-ami-ecs-hvm-2.0.20250923-${architecture}-ebs`,
    description: `Amazon Linux AMI 2.0.20250923 ${architecture} ECS HVM GP2`,
    machine: 'ecs-optimized',
    ownerId: ECS_OWNER,
    rootDevice: '/dev/xvda',
    volumeGiB: 30,
    volumeType: 'gp2',
    createdAt: CREATED_AT,
  }),
  (architecture) => ({
    name: `al2023-ami-ecs-hvm-2023.0.20250923-kernel-6.1-${architecture}`,
    description: `Amazon Linux AMI 2023.0.20250923 ${architecture} ECS HVM EBS`,
    machine: 'ecs-optimized',
    ownerId: ECS_OWNER,
    rootDevice: '/dev/xvda',
    volumeGiB: 30,
    volumeType: 'gp3',
    createdAt: CREATED_AT,
    imdsSupport: 'v2.0',
  }),
  (architecture) => ({
    name: `al2023-ami-minimal-2023.8.20250915.0-kernel-6.1-${architecture}`,
    description: 'Amazon Linux 2023 AMI 2023.8.20250915.0 Minimal HVM kernel-6.1',
    machine: 'minimal',
    ownerId: AMAZON_OWNER,
    rootDevice: '/dev/xvda',
    volumeGiB: 2,
    volumeType: 'gp3',
    createdAt: CREATED_AT,
    imdsSupport: 'v2.0',
  }),
];

/** For the host's architecture; ids differ from region to region and never change. */
export function imagesOf(region: string, architecture: Architecture): readonly ImageRecord[] {
  return IMAGES.map((made) => {
    const image = made(architecture);
    return { ...image, architecture, id: `ami-${digest(`${region}/${image.name}`)}` };
  });
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 17);
}
