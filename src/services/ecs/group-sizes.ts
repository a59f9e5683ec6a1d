import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { LaunchTemplateSpecification } from '@aws-sdk/client-auto-scaling';
import type { ServiceEnvironment } from '../../api/service.ts';
import type { Scope } from '../../kernel/arn.ts';
import { registeredInstances } from './container-instance-lookup.ts';
import { rangeOf } from './domain/managed-scaling.ts';
import type { Amounts, ScalingFacts } from './domain/managed-scaling.ts';
import type { ClusterRow } from './tables.ts';

type Env = Pick<ServiceEnvironment<unknown>, 'callIn' | 'store'>;

/** What the agent keeps of an instance's memory, where none of its type has said what is left. */
const FOR_TASKS = 0.95;

/** How large the instances of a group are: what one of the type has registered, or else what EC2 says of the type. */
export class GroupSizes {
  readonly #env: Env;
  readonly #types = new Map<string, Amounts>();

  constructor(env: Env) {
    this.#env = env;
  }

  /** Undefined where the group does not say which types it launches. */
  async of(group: AutoScalingGroup, cluster: ClusterRow): Promise<ScalingFacts['sizes']> {
    const registered = await this.#env.store.read((tx) => registeredInstances(tx, cluster.arn));
    const sizes: Amounts[] = [];
    for (const type of await this.#typesOf(group, cluster)) {
      const same = registered.find((row) => row.instanceType === type);
      const size = same ?? (await this.#sizeOf(type, cluster));
      if (size) sizes.push(size);
    }
    return rangeOf(sizes);
  }

  async #typesOf(group: AutoScalingGroup, scope: Scope): Promise<readonly string[]> {
    const mixed = group.MixedInstancesPolicy?.LaunchTemplate;
    const overrides = (mixed?.Overrides ?? []).flatMap((one) => one.InstanceType ?? []);
    if (overrides.length > 0) return [...new Set(overrides)];
    // Which types meet its requirements only the group knows.
    if (mixed?.Overrides?.some((one) => one.InstanceRequirements)) return [];
    const template = mixed?.LaunchTemplateSpecification ?? group.LaunchTemplate;
    if (template) return this.#typeOfTemplate(template, scope);
    const name = group.LaunchConfigurationName;
    if (name === undefined) return [];
    const { LaunchConfigurations = [] } = await this.#env.callIn(scope)('autoscaling', 'DescribeLaunchConfigurations', {
      LaunchConfigurationNames: [name],
    });
    return LaunchConfigurations.flatMap((one) => one.InstanceType ?? []);
  }

  async #typeOfTemplate(template: LaunchTemplateSpecification, scope: Scope): Promise<readonly string[]> {
    const { LaunchTemplateId, LaunchTemplateName, Version = '$Default' } = template;
    const { LaunchTemplateVersions = [] } = await this.#env.callIn(scope)('ec2', 'DescribeLaunchTemplateVersions', {
      ...(LaunchTemplateId === undefined ? { LaunchTemplateName } : { LaunchTemplateId }),
      Versions: [Version],
    });
    return LaunchTemplateVersions.flatMap((one) => one.LaunchTemplateData?.InstanceType ?? []);
  }

  async #sizeOf(type: string, scope: Scope): Promise<Amounts | undefined> {
    const known = this.#types.get(type);
    if (known) return known;
    const { InstanceTypes = [] } = await this.#env.callIn(scope)('ec2', 'DescribeInstanceTypes', {
      InstanceTypes: [type as never],
    });
    const [info] = InstanceTypes;
    if (!info?.VCpuInfo?.DefaultVCpus || !info.MemoryInfo?.SizeInMiB) return undefined;
    const size = {
      cpu: info.VCpuInfo.DefaultVCpus * 1024,
      memory: Math.floor(info.MemoryInfo.SizeInMiB * FOR_TASKS),
      interfaces: (info.NetworkInfo?.MaximumNetworkInterfaces ?? 2) - 1,
    };
    this.#types.set(type, size);
    return size;
  }
}
