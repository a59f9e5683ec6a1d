/** The parameters that tell of Amazon's machine images: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html */

export interface PublicImage {
  readonly id: string;
  readonly name: string;
  readonly architecture: 'x86_64' | 'arm64';
}

export interface PublicParameter {
  readonly name: string;
  readonly value: string;
  readonly isImageId: boolean;
}

const ECS = '/aws/service/ecs/optimized-ami';
const LATEST = '/aws/service/ami-amazon-linux-latest';
/** Of the agent that registers instances, and of the engine that Amazon's images have. */
const AGENT_VERSION = '1.98.0';
const RUNTIME_VERSION = 'Docker version 25.0.8';

interface Line {
  readonly begins: string;
  readonly folder: string;
  readonly os: string;
}

const LINES: readonly Line[] = [
  { begins: 'amzn2-ami-ecs-hvm-', folder: 'amazon-linux-2', os: 'Amazon Linux 2' },
  { begins: 'al2023-ami-ecs-hvm-', folder: 'amazon-linux-2023', os: 'Amazon Linux 2023' },
];

/** Every parameter of these images, which are of one region. */
export function imageParameters(images: readonly PublicImage[]): readonly PublicParameter[] {
  return images.flatMap((image) => {
    const line = LINES.find(({ begins }) => image.name.startsWith(begins));
    if (line) return ecsParameters(image, line);
    if (!image.name.startsWith('al2023-ami-minimal-')) return [];
    return ['default', '6.1'].map((kernel) => ({
      name: `${LATEST}/al2023-ami-minimal-kernel-${kernel}-${image.architecture}`,
      value: image.id,
      isImageId: true,
    }));
  });
}

function ecsParameters(image: PublicImage, { folder, os }: Line): readonly PublicParameter[] {
  const facts = {
    schema_version: '1',
    image_name: image.name,
    image_id: image.id,
    os,
    ecs_runtime_version: RUNTIME_VERSION,
    ecs_agent_version: AGENT_VERSION,
    image_version: /\d+\.\d+\.\d{8}/.exec(image.name)?.[0] ?? '',
  };
  const base = `${ECS}/${folder}${image.architecture === 'arm64' ? '/arm64' : ''}`;
  return ['recommended', image.name].flatMap((version) => [
    {
      name: `${base}/${version}`,
      value: JSON.stringify({ ...facts, schema_version: 1 }),
      isImageId: false,
    },
    ...Object.entries(facts).map(([fact, value]) => ({
      name: `${base}/${version}/${fact}`,
      value,
      isImageId: fact === 'image_id',
    })),
  ]);
}
