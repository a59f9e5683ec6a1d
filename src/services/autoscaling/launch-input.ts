import type {
  LaunchTemplateOverrides,
  LaunchTemplateSpecification,
  MixedInstancesPolicy,
} from '@aws-sdk/client-auto-scaling';
import { messageOf, ServiceError } from '../../kernel/errors.ts';
import type { Distribution, LaunchSource, Override, TemplateChoice } from './domain/launch-source.ts';
import { invalid, noSuchConfiguration, notSupported } from './errors.ts';
import type { AutoscalingContext } from './operation.ts';
import { requirementsFrom } from './requirements-input.ts';
import { configurations, groupKey } from './tables.ts';

const MOST_WEIGHT = 999;

interface LaunchInput {
  readonly LaunchTemplate?: LaunchTemplateSpecification | undefined;
  readonly MixedInstancesPolicy?: MixedInstancesPolicy | undefined;
  readonly LaunchConfigurationName?: string | undefined;
}

/** What instances are to be launched from; undefined where the request does not say. */
export async function launchFrom(ctx: AutoscalingContext, input: LaunchInput): Promise<LaunchSource | undefined> {
  const { LaunchTemplate: template, MixedInstancesPolicy: mixed, LaunchConfigurationName: name } = input;
  const given = [template, mixed, name].filter((one) => one !== undefined && one !== '');
  if (given.length > 1) {
    throw invalid(
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
    );
  }
  if (template) return { kind: 'template', template: await templateFrom(ctx, template) };
  if (mixed) return mixedFrom(ctx, mixed);
  if (!name) return undefined;
  const { account, region } = ctx;
  const found = await ctx.read((tx) => tx.get(configurations, groupKey({ account, region, name })));
  if (!found) throw noSuchConfiguration(name);
  return { kind: 'configuration', name };
}

async function templateFrom(ctx: AutoscalingContext, input: LaunchTemplateSpecification): Promise<TemplateChoice> {
  const { LaunchTemplateId: id, LaunchTemplateName: name, Version: version = '$Default' } = input;
  if ((id === undefined) === (name === undefined)) {
    throw invalid('Valid requests must contain either launchTemplateId or LaunchTemplateName');
  }
  const named = id === undefined ? { LaunchTemplateName: name } : { LaunchTemplateId: id };
  try {
    const { LaunchTemplateVersions: [found] = [] } = await ctx.call('ec2', 'DescribeLaunchTemplateVersions', {
      ...named,
      Versions: [version],
    });
    if (!found) throw invalid(`Launch template version ${version} does not exist.`);
    const choice = { id: found.LaunchTemplateId ?? '', name: found.LaunchTemplateName ?? '', version };
    await checkMayLaunch(ctx, choice);
    return choice;
  } catch (error) {
    if (!(error instanceof ServiceError) || !error.code.startsWith('InvalidLaunchTemplate')) throw error;
    throw invalid(`You must use a valid fully-formed launch template. ${messageOf(error)}`);
  }
}

/** Whoever gives a group a template must be allowed to launch from it. */
async function checkMayLaunch(ctx: AutoscalingContext, { id, version }: TemplateChoice): Promise<void> {
  try {
    await ctx.callAsCaller('ec2', 'RunInstances', {
      DryRun: true,
      MinCount: 1,
      MaxCount: 1,
      LaunchTemplate: { LaunchTemplateId: id, Version: version },
    });
  } catch (error) {
    const code = error instanceof ServiceError ? error.code : '';
    if (code === 'DryRunOperation') return;
    if (!code.startsWith('Unauthorized') && !code.startsWith('AccessDenied')) throw error;
    throw new ServiceError('AccessDenied', `You are not authorized to use launch template: ${id}`, { httpStatus: 403 });
  }
}

async function mixedFrom(ctx: AutoscalingContext, input: MixedInstancesPolicy): Promise<LaunchSource> {
  const { LaunchTemplateSpecification: specification, Overrides = [] } = input.LaunchTemplate ?? {};
  if (!specification) throw invalid('LaunchTemplateSpecification must be specified in a MixedInstancesPolicy.');
  const template = await templateFrom(ctx, specification);
  const overrides: Override[] = [];
  for (const one of Overrides) {
    const own = one.LaunchTemplateSpecification && (await templateFrom(ctx, one.LaunchTemplateSpecification));
    overrides.push({
      ...(one.InstanceType !== undefined && { instanceType: one.InstanceType }),
      ...(one.ImageId !== undefined && { imageId: one.ImageId }),
      ...(own && { template: own }),
      ...weightFrom(one),
      ...(one.InstanceRequirements &&
        (await requirementsFrom(ctx, one.InstanceRequirements, { template: own ?? template, imageId: one.ImageId }))),
    });
  }
  checkOverrides(Overrides);
  return { kind: 'mixed', template, overrides, distribution: distributionFrom(input.InstancesDistribution ?? {}) };
}

function weightFrom({ WeightedCapacity: text }: LaunchTemplateOverrides): Pick<Override, 'weight'> {
  if (text === undefined) return {};
  const weight = Number(text);
  if (!/^\d+$/.test(text) || weight < 1 || weight > MOST_WEIGHT) {
    throw invalid(`WeightedCapacity must be a whole number from 1 to ${MOST_WEIGHT}, and not ${text}.`);
  }
  return { weight };
}

function checkOverrides(all: readonly LaunchTemplateOverrides[]): void {
  const having = (member: keyof LaunchTemplateOverrides) => all.filter((one) => one[member] !== undefined).length;
  const [weighted, typed, described] = [
    having('WeightedCapacity'),
    having('InstanceType'),
    having('InstanceRequirements'),
  ];
  if (weighted > 0 && weighted < all.length) {
    throw invalid('WeightedCapacity must be specified for all of the overrides, or for none.');
  }
  if (typed > 0 && described > 0) {
    throw invalid('You cannot specify both InstanceType and InstanceRequirements in the overrides.');
  }
  if (weighted > 0 && described > 0) throw invalid('WeightedCapacity cannot be specified with InstanceRequirements.');
  const types = all.flatMap(({ InstanceType }) => InstanceType ?? []);
  const twice = types.find((type, index) => types.indexOf(type) < index);
  if (twice !== undefined) throw invalid(`The instance type ${twice} is specified more than once in the overrides.`);
}

function distributionFrom(input: NonNullable<MixedInstancesPolicy['InstancesDistribution']>): Distribution {
  const {
    OnDemandBaseCapacity = 0,
    OnDemandPercentageAboveBaseCapacity = 100,
    SpotInstancePools,
    SpotMaxPrice,
  } = input;
  if (input.DistributionSegments?.length) throw notSupported('DistributionSegments');
  if (OnDemandBaseCapacity < 0) throw invalid('OnDemandBaseCapacity must not be negative.');
  if (OnDemandPercentageAboveBaseCapacity < 0 || OnDemandPercentageAboveBaseCapacity > 100) {
    throw invalid('OnDemandPercentageAboveBaseCapacity must be between 0 and 100.');
  }
  return {
    onDemandBase: OnDemandBaseCapacity,
    onDemandPercentage: OnDemandPercentageAboveBaseCapacity,
    onDemandStrategy: input.OnDemandAllocationStrategy ?? 'prioritized',
    spotStrategy: input.SpotAllocationStrategy ?? 'lowest-price',
    ...(SpotInstancePools !== undefined && { spotPools: SpotInstancePools }),
    ...(SpotMaxPrice !== undefined && { spotMaxPrice: SpotMaxPrice }),
  };
}
