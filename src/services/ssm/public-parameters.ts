import type { Parameter } from '@aws-sdk/client-ssm';
import type { Context } from '../../api/context.ts';
import { formatArn } from '../../kernel/arn.ts';
import { imageParameters, type PublicParameter } from './domain/public-images.ts';
import { noSuchParameter } from './errors.ts';

const PREFIX = '/aws/service/';

export function isPublic(name: string): boolean {
  return name.startsWith(PREFIX);
}

/**
 * A parameter that Amazon publishes: those of the machine images that EC2 has here. Read only.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html
 * @throws ParameterNotFound
 */
export async function readPublic(ctx: Context, name: string): Promise<Parameter> {
  const found = (await listPublic(ctx)).find((one) => one.Name === name);
  if (!found) throw noSuchParameter();
  return found;
}

/** All of the region, by name. */
export async function listPublic(ctx: Context): Promise<readonly Parameter[]> {
  const { Images: images = [] } = await ctx.call('ec2', 'DescribeImages', { Owners: ['amazon'] });
  const createdAt = new Date(Math.max(0, ...images.map((image) => Date.parse(image.CreationDate ?? '') || 0)));
  const known = images.flatMap(({ ImageId: id, Name: name, Architecture: architecture }) =>
    id && name && (architecture === 'x86_64' || architecture === 'arm64') ? [{ id, name, architecture }] : [],
  );
  return imageParameters(known)
    .map((one) => view(ctx, one, createdAt))
    .toSorted((a, b) => ((a.Name ?? '') < (b.Name ?? '') ? -1 : 1));
}

function view({ region }: Context, { name, value, isImageId }: PublicParameter, LastModifiedDate: Date): Parameter {
  return {
    Name: name,
    Type: 'String',
    Value: value,
    Version: 1,
    LastModifiedDate,
    ARN: formatArn('ssm', { region }, `parameter${name}`),
    DataType: isImageId ? 'aws:ec2:image' : 'text',
  };
}
