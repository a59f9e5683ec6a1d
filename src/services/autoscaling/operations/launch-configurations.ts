import type { CreateLaunchConfigurationType, LaunchConfiguration } from '@aws-sdk/client-auto-scaling';
import { scopeKey } from '../../../kernel/arn.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { configurationExists, configurationInUse, invalid, noSuchConfiguration, notSupported } from '../errors.ts';
import { checkName, configurationResource, pageOf, tokenOf } from '../lookup.ts';
import { operation, type AutoscalingContext } from '../operation.ts';
import { configurationArn, configurations, groupKey, groups, type ConfigurationRow } from '../tables.ts';

const REFUSED = [
  'ClassicLinkVPCId',
  'ClassicLinkVPCSecurityGroups',
  'InstanceId',
  'KernelId',
  'RamdiskId',
] as const satisfies readonly (keyof CreateLaunchConfigurationType)[];

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateLaunchConfiguration.html */
export const CreateLaunchConfiguration = operation('CreateLaunchConfiguration', {
  resources: configurationResource,
  conditions: ({ ImageId, InstanceType, SpotPrice, MetadataOptions: metadata }) => ({
    ...(ImageId && { 'autoscaling:imageid': ImageId }),
    ...(InstanceType && { 'autoscaling:instancetype': InstanceType }),
    ...(SpotPrice && { 'autoscaling:spotprice': SpotPrice }),
    ...(metadata?.HttpEndpoint && { 'autoscaling:metadatahttpendpoint': metadata.HttpEndpoint }),
    ...(metadata?.HttpTokens && { 'autoscaling:metadatahttptokens': metadata.HttpTokens }),
    ...(metadata?.HttpPutResponseHopLimit !== undefined && {
      'autoscaling:metadatahttpputresponsehoplimit': String(metadata.HttpPutResponseHopLimit),
    }),
  }),
  handle: async (ctx, input) => {
    const name = checkName(input.LaunchConfigurationName, 'launchConfigurationName');
    const odd = REFUSED.find((member) => input[member] !== undefined && input[member].length > 0);
    if (odd) throw notSupported(odd);
    if (input.PlacementTenancy && input.PlacementTenancy !== 'default') throw notSupported('PlacementTenancy');
    if (!input.ImageId || !input.InstanceType) {
      throw invalid(
        'Valid requests must contain either the InstanceID parameter or both the ImageId and InstanceType parameters.',
      );
    }
    await checkPassRole(ctx, input.IamInstanceProfile);
    const { account, region, now } = ctx;
    const row: ConfigurationRow = {
      account,
      region,
      name,
      id: ctx.ids.uuid(),
      createdAtMs: now,
      input: JSON.parse(JSON.stringify(input)) as object,
    };
    await ctx.write(async (tx) => {
      if (await tx.get(configurations, groupKey(row))) throw configurationExists(name);
      await tx.put(configurations, row);
    });
    return {};
  },
});

/** Instances of the configuration get the role in its profile: who names the profile hands the role over. */
async function checkPassRole(ctx: AutoscalingContext, profile: string | undefined): Promise<void> {
  if (!profile) return;
  const name = profile.split('/').at(-1) ?? '';
  const role = await ctx.call('iam', 'GetInstanceProfile', { InstanceProfileName: name }).then(
    ({ InstanceProfile }) => InstanceProfile?.Roles?.[0]?.Arn,
    (error: unknown) => {
      if (error instanceof ServiceError && error.code === 'NoSuchEntityException') {
        throw invalid(`Invalid IamInstanceProfile: ${profile}`);
      }
      throw error;
    },
  );
  if (role !== undefined) await ctx.ports.passRole?.(ctx.principal, role, ctx);
}

export const DeleteLaunchConfiguration = operation('DeleteLaunchConfiguration', {
  resources: configurationResource,
  handle: async (ctx, { LaunchConfigurationName: name = '' }) => {
    const key = groupKey({ account: ctx.account, region: ctx.region, name });
    await ctx.write(async (tx) => {
      if (!(await tx.get(configurations, key))) throw noSuchConfiguration(name);
      const [user] = await tx.list(groups, { where: ['configuration', key], limit: 1 });
      if (user) throw configurationInUse(name);
      await tx.delete(configurations, key);
    });
    return {};
  },
});

export const DescribeLaunchConfigurations = operation('DescribeLaunchConfigurations', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { LaunchConfigurationNames: names = [] } = input;
    const rows = await ctx.read((tx) => tx.list(configurations, { where: ['scope', scopeKey(ctx)] }));
    const wanted = rows.filter(({ name }) => names.length === 0 || names.includes(name));
    const page = pageOf(wanted, groupKey, input);
    return { LaunchConfigurations: page.items.map(configurationView), ...tokenOf(page) };
  },
});

function configurationView(row: ConfigurationRow): LaunchConfiguration {
  const input = row.input as CreateLaunchConfigurationType;
  return {
    EbsOptimized: false,
    InstanceMonitoring: { Enabled: true },
    KeyName: '',
    KernelId: '',
    RamdiskId: '',
    UserData: '',
    ClassicLinkVPCSecurityGroups: [],
    SecurityGroups: [],
    BlockDeviceMappings: [],
    ...input,
    LaunchConfigurationName: row.name,
    LaunchConfigurationARN: configurationArn(row),
    ImageId: input.ImageId,
    InstanceType: input.InstanceType,
    CreatedTime: new Date(row.createdAtMs),
  };
}
