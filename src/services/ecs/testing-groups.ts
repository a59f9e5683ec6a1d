import { ServiceError } from '../../kernel/errors.ts';

export interface FakeMember {
  readonly InstanceId: string;
  LifecycleState: string;
  ProtectedFromScaleIn: boolean;
}

interface FakeGroup {
  readonly AutoScalingGroupName: string;
  readonly AutoScalingGroupARN: string;
  DesiredCapacity: number;
  NewInstancesProtectedFromScaleIn: boolean;
  Instances: FakeMember[];
  LaunchTemplate: object;
  Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

export const GROUP_ARN = 'arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:1:autoScalingGroupName/';

/** As much of Auto Scaling as ECS asks for, with what it was told. Its instances are t3.small of EC2. */
export class FakeGroups {
  readonly groups = new Map<string, FakeGroup>();
  readonly tagged: string[] = [];
  /** Policies by name. */
  readonly policies = new Map<string, any>();
  /** `GROUP HOOK` */
  readonly hooks = new Set<string>();
  /** Of instances whose termination goes on, and those that still drain. */
  readonly completed: string[] = [];
  readonly heartbeats: string[] = [];

  /** @param ids of its instances, all in service */
  add(name: string, ids: readonly string[] = []): FakeGroup {
    const group: FakeGroup = {
      AutoScalingGroupName: name,
      AutoScalingGroupARN: `${GROUP_ARN}${name}`,
      DesiredCapacity: ids.length,
      NewInstancesProtectedFromScaleIn: false,
      Instances: ids.map((InstanceId) => ({ InstanceId, LifecycleState: 'InService', ProtectedFromScaleIn: false })),
      LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '1' },
    };
    this.groups.set(name, group);
    return group;
  }

  calls(): Record<string, (input: any) => object> {
    return {
      'autoscaling:DescribeAutoScalingGroups': ({ AutoScalingGroupNames: names }) => ({
        AutoScalingGroups: [...this.groups.values()].filter((group) => names.includes(group.AutoScalingGroupName)),
      }),
      'autoscaling:CreateOrUpdateTags': ({ Tags }) => {
        this.tagged.push(...Tags.map((tag: any) => `${tag.ResourceId} ${tag.Key}`));
        return {};
      },
      'autoscaling:PutScalingPolicy': (input) => {
        this.#group(input);
        this.policies.set(input.PolicyName, input);
        return {};
      },
      'autoscaling:DeletePolicy': (input) => {
        this.policies.delete(input.PolicyName);
        return {};
      },
      'autoscaling:PutLifecycleHook': (input) => {
        this.hooks.add(`${this.#group(input).AutoScalingGroupName} ${input.LifecycleHookName}`);
        return {};
      },
      'autoscaling:DeleteLifecycleHook': (input) => {
        this.hooks.delete(`${input.AutoScalingGroupName} ${input.LifecycleHookName}`);
        return {};
      },
      'autoscaling:RecordLifecycleActionHeartbeat': (input) => {
        this.heartbeats.push(input.InstanceId);
        return {};
      },
      'autoscaling:CompleteLifecycleAction': (input) => this.#complete(input),
      'autoscaling:SetInstanceProtection': (input) => {
        for (const one of this.#group(input).Instances) {
          if (input.InstanceIds.includes(one.InstanceId)) one.ProtectedFromScaleIn = input.ProtectedFromScaleIn;
        }
        return {};
      },
      'ec2:DescribeInstanceTypes': () => ({
        InstanceTypes: [
          {
            VCpuInfo: { DefaultVCpus: 2 },
            MemoryInfo: { SizeInMiB: 2048 },
            NetworkInfo: { MaximumNetworkInterfaces: 3 },
          },
        ],
      }),
      'ec2:DescribeLaunchTemplateVersions': () => ({
        LaunchTemplateVersions: [{ LaunchTemplateData: { InstanceType: 't3.small' } }],
      }),
    };
  }

  /** Long ago. */
  launched({ Filters }: { readonly Filters: readonly { readonly Values: readonly string[] }[] }): object {
    const ids = Filters[0]?.Values ?? [];
    return { Reservations: [{ Instances: ids.map((InstanceId) => ({ InstanceId, LaunchTime: new Date(0) })) }] };
  }

  #complete(input: any): object {
    const group = this.#group(input);
    this.completed.push(input.InstanceId);
    group.Instances = group.Instances.filter((one) => one.InstanceId !== input.InstanceId);
    return {};
  }

  #group({ AutoScalingGroupName: name }: { readonly AutoScalingGroupName: string }): FakeGroup {
    const group = this.groups.get(name);
    if (!group) throw new ServiceError('ValidationError', `Group ${name} not found`);
    return group;
  }
}
