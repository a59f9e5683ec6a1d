import type { InstanceRequirements } from '@aws-sdk/client-auto-scaling';
import type { InstanceTypeInfo } from '@aws-sdk/client-ec2';
import { unknownRequirement } from '../../api/instance-requirements.ts';
import { typesMeeting } from './domain/instance-requirements.ts';
import type { Override, TemplateChoice } from './domain/launch-source.ts';
import { invalid, notSupported } from './errors.ts';
import type { AutoscalingContext } from './operation.ts';

/** Instance requirements, and the types that meet them. Types that the image does not run on are none of them. */
export async function requirementsFrom(
  ctx: AutoscalingContext,
  input: InstanceRequirements,
  launched: { readonly template: TemplateChoice; readonly imageId: string | undefined },
): Promise<Pick<Override, 'requirements' | 'types'>> {
  check(input);
  const architecture = await architectureOf(ctx, launched);
  const fitting = (await allTypes(ctx)).filter(
    ({ ProcessorInfo: cpu }) => !architecture || cpu?.SupportedArchitectures?.includes(architecture as never),
  );
  const types = typesMeeting(input, fitting);
  if (types.length === 0) throw invalid('No instance types matched the instance requirements.');
  return { requirements: structuredClone(input), types };
}

function check(input: InstanceRequirements): void {
  const unknown = unknownRequirement(input);
  if (unknown) throw notSupported(`InstanceRequirements.${unknown}`);
  if (input.VCpuCount?.Min === undefined || input.MemoryMiB?.Min === undefined) {
    throw invalid('InstanceRequirements must contain VCpuCount and MemoryMiB with a Min.');
  }
  if (input.AllowedInstanceTypes?.length && input.ExcludedInstanceTypes?.length) {
    throw invalid('You cannot specify both AllowedInstanceTypes and ExcludedInstanceTypes.');
  }
}

async function allTypes(ctx: AutoscalingContext): Promise<readonly InstanceTypeInfo[]> {
  const all: InstanceTypeInfo[] = [];
  let token: string | undefined;
  do {
    const { InstanceTypes = [], NextToken } = await ctx.call('ec2', 'DescribeInstanceTypes', {
      ...(token !== undefined && { NextToken: token }),
    });
    all.push(...InstanceTypes);
    token = NextToken;
  } while (token !== undefined);
  return all;
}

/** What the image runs on; undefined where it is not said yet, as by a parameter's name. */
async function architectureOf(
  ctx: AutoscalingContext,
  { template, imageId }: { readonly template: TemplateChoice; readonly imageId: string | undefined },
): Promise<string | undefined> {
  const { LaunchTemplateVersions: [found] = [] } = await ctx.call('ec2', 'DescribeLaunchTemplateVersions', {
    LaunchTemplateId: template.id,
    Versions: [template.version],
  });
  const id = imageId ?? found?.LaunchTemplateData?.ImageId;
  if (id === undefined || !id.startsWith('ami-')) return undefined;
  const { Images: [image] = [] } = await ctx.call('ec2', 'DescribeImages', {
    Filters: [{ Name: 'image-id', Values: [id] }],
  });
  return image?.Architecture;
}
