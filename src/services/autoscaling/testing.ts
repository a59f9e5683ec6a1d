import type { Instance, RunInstancesRequest } from '@aws-sdk/client-ec2';
import { openTestService, type FakeCalls } from '../../api/testing.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { autoscaling } from './index.ts';

export const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
export const TARGETS = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/50dc6c495c0c9188';

const typeInfo = (name: string, cpus: number, memory: number, architecture = 'x86_64', burstable = false) => ({
  InstanceType: name,
  CurrentGeneration: !name.startsWith('m4'),
  BareMetal: false,
  BurstablePerformanceSupported: burstable,
  VCpuInfo: { DefaultVCpus: cpus },
  MemoryInfo: { SizeInMiB: memory },
  ProcessorInfo: { SupportedArchitectures: [architecture] },
  NetworkInfo: { MaximumNetworkInterfaces: 3 },
});

/** A few of EC2's. */
export const INSTANCE_TYPES = [
  typeInfo('t3.medium', 2, 4096, 'x86_64', true),
  typeInfo('m4.large', 2, 8192),
  typeInfo('m5.xlarge', 4, 16_384),
  typeInfo('m5.large', 2, 8192),
  typeInfo('m5a.large', 2, 8192),
  typeInfo('c5.large', 2, 4096),
  typeInfo('m7g.large', 2, 8192, 'arm64'),
];

/** What a state becomes by itself. */
const AFTERWARDS = new Map<unknown, 'running' | 'stopped'>([
  ['pending', 'running'],
  ['stopping', 'stopped'],
]);

/** EC2 and load balancing as far as groups ask them: instances run as soon as they are looked at again. */
export class FakeEc2 {
  readonly instances = new Map<string, Instance>();
  readonly requests: RunInstancesRequest[] = [];
  readonly alarms = new Map<string, unknown>();
  /** States of targets. */
  readonly targets = new Map<string, string>();
  latestVersion = 1;
  /** When Spot capacity was given notice, in ms, by instance. */
  readonly notices = new Map<string, number>();
  /** How few ran after something was terminated. */
  fewest = Infinity;
  /** What RunInstances is refused with. */
  refusal: ServiceError | undefined;
  /** The instance type of which EC2 has no more. */
  refusedType: string | undefined;
  /** Called after an instance is made, before it is answered. */
  onRun: () => void = () => undefined;
  readonly #byToken = new Map<string, string>();

  get running(): readonly Instance[] {
    return [...this.instances.values()].filter(({ State }) => State?.Name === 'running' || State?.Name === 'pending');
  }

  end(id: string, state: 'terminated' | 'stopping' | 'stopped' | 'pending' = 'terminated'): void {
    const instance = this.instances.get(id);
    if (instance) this.instances.set(id, { ...instance, State: { Name: state } });
  }

  readonly calls: { -readonly [K in keyof FakeCalls]: FakeCalls[K] } = {
    'iam:GetInstanceProfile': ({ InstanceProfileName: name }) => ({
      InstanceProfile: { Roles: [{ Arn: `arn:aws:iam::123456789012:role/${name}` }] },
    }),
    'ec2:DescribeSubnets': ({ Filters }) => ({
      Subnets: (Filters[0].Values as string[])
        .filter((id) => /^subnet-[abc]$/.test(id))
        .map((id) => ({
          SubnetId: id,
          AvailabilityZone: `us-east-1${id.at(-1)}`,
          AvailabilityZoneId: `use1-az-${id.at(-1)}`,
          VpcId: 'vpc-1',
        })),
    }),
    'ec2:DescribeAvailabilityZones': () => ({
      AvailabilityZones: ZONES.map((ZoneName) => ({ ZoneName, ZoneId: `use1-az-${ZoneName.at(-1)}` })),
    }),
    'ec2:DescribeLaunchTemplateVersions': ({ Versions: [version] }) => ({
      LaunchTemplateVersions: [
        {
          LaunchTemplateId: 'lt-1',
          LaunchTemplateName: 'web',
          VersionNumber: version.startsWith('$') ? this.latestVersion : Number(version),
          LaunchTemplateData: { ImageId: 'ami-1' },
        },
      ],
    }),
    'ec2:DescribeImages': () => ({ Images: [{ ImageId: 'ami-1', Architecture: 'x86_64' }] }),
    'ec2:DescribeInstanceTypes': () => ({ InstanceTypes: INSTANCE_TYPES }),
    'ec2:DescribeInstances': ({ Filters }) => {
      const asked = (Filters[0].Values as string[]).flatMap((id) => this.instances.get(id) ?? []);
      for (const one of asked) {
        const next = AFTERWARDS.get(one.State?.Name);
        if (next) this.instances.set(one.InstanceId ?? '', { ...one, State: { Name: next } });
      }
      return { Reservations: [{ Instances: asked }] };
    },
    'ec2:DescribeSpotInstanceRequests': ({ Filters }) => ({
      SpotInstanceRequests: (Filters[0].Values as string[]).flatMap((InstanceId) => {
        const atMs = this.notices.get(InstanceId);
        return atMs === undefined ? [] : [{ InstanceId, Status: { UpdateTime: new Date(atMs) } }];
      }),
    }),
    'ec2:RunInstances': (input: RunInstancesRequest) => this.#run(input),
    'ec2:StartInstances': ({ InstanceIds }) => {
      if (this.refusal) throw this.refusal;
      for (const id of InstanceIds) this.end(id, 'pending');
      return {};
    },
    'ec2:StopInstances': ({ InstanceIds }) => {
      for (const id of InstanceIds) this.end(id, 'stopping');
      return {};
    },
    'ec2:TerminateInstances': ({ InstanceIds }) => {
      for (const id of InstanceIds) this.end(id);
      this.fewest = Math.min(this.fewest, this.running.length);
      return {};
    },
    'elbv2:DescribeTargetGroups': () => ({ TargetGroups: [{ TargetGroupArn: TARGETS, TargetType: 'instance' }] }),
    'elbv2:RegisterTargets': ({ Targets: [{ Id }] }) => {
      this.targets.set(Id, 'healthy');
      return {};
    },
    'elbv2:DeregisterTargets': ({ Targets: [{ Id }] }) => {
      this.targets.set(Id, 'draining');
      return {};
    },
    'elbv2:DescribeTargetHealth': () => ({
      TargetHealthDescriptions: [...this.targets].map(([Id, State]) => ({ Target: { Id }, TargetHealth: { State } })),
    }),
    'cloudwatch:PutMetricAlarm': (input) => {
      this.alarms.set(input.AlarmName, input);
      return {};
    },
    'cloudwatch:GetMetricData': ({ MetricDataQueries }) => ({
      MetricDataResults: MetricDataQueries.filter(({ ReturnData = true }) => ReturnData),
    }),
    'cloudwatch:DeleteAlarms': ({ AlarmNames }) => {
      for (const name of AlarmNames) this.alarms.delete(name);
      return {};
    },
  };

  #run(input: RunInstancesRequest) {
    if (input.DryRun) throw new ServiceError('DryRunOperation', 'Request would have succeeded.', { httpStatus: 412 });
    if (this.refusal) throw this.refusal;
    if (input.InstanceType !== undefined && input.InstanceType === this.refusedType) {
      throw new ServiceError('InsufficientInstanceCapacity', 'There is none left.', { httpStatus: 500 });
    }
    const token = input.ClientToken ?? '';
    const id = this.#byToken.get(token) ?? `i-${String(this.instances.size + 1).padStart(4, '0')}`;
    if (!this.#byToken.has(token)) {
      this.#byToken.set(token, id);
      this.requests.push(input);
      this.instances.set(id, this.#made(id, input));
    }
    this.onRun();
    return { Instances: [this.instances.get(id)] };
  }

  #made(
    id: string,
    { LaunchTemplate, SubnetId, Placement, InstanceType = 't3.micro', TagSpecifications }: RunInstancesRequest,
  ): Instance {
    const version = LaunchTemplate?.Version ?? '';
    const number = version.startsWith('$') ? String(this.latestVersion) : version;
    const zone = SubnetId === undefined ? Placement?.AvailabilityZone : `us-east-1${SubnetId.at(-1)}`;
    return {
      InstanceId: id,
      InstanceType,
      ImageId: 'ami-1',
      State: { Name: 'pending' },
      ...(SubnetId !== undefined && { SubnetId }),
      Placement: { AvailabilityZone: zone },
      Tags: [
        ...(TagSpecifications?.[0]?.Tags ?? []),
        ...(LaunchTemplate
          ? [
              { Key: 'aws:ec2launchtemplate:id', Value: 'lt-1' },
              { Key: 'aws:ec2launchtemplate:version', Value: number },
            ]
          : []),
      ],
    };
  }
}

/** A group named web over the three zones, and what moves it. */
export function openGroups() {
  const ec2 = new FakeEc2();
  const measured: unknown[] = [];
  const metrics = {
    put: async (_scope: unknown, namespace: string, all: readonly unknown[]) => void measured.push({ namespace, all }),
  };
  const passRole = async (_caller: unknown, roleArn: string) => {
    if (!roleArn.endsWith('/app')) throw new ServiceError('AccessDeniedException', 'iam:PassRole', { httpStatus: 403 });
  };
  const service = openTestService('autoscaling', autoscaling, { metrics, passRole }, { calls: ec2.calls });
  /** Passes until nothing moves any more, or so much time has gone. */
  const settle = async (byMs = 3000) => {
    for (let passed = 0; passed < byMs; passed += 500) {
      await service.reconcile();
      service.clock.advance(500);
    }
    await service.reconcile();
  };
  const group = async () => {
    const { AutoScalingGroups: [found] = [] } = await service.call('DescribeAutoScalingGroups', {
      AutoScalingGroupNames: ['web'],
    });
    return found;
  };
  const create = (more: object = {}) =>
    service.call('CreateAutoScalingGroup', {
      AutoScalingGroupName: 'web',
      MinSize: 1,
      MaxSize: 6,
      LaunchTemplate: { LaunchTemplateName: 'web', Version: '$Latest' },
      VPCZoneIdentifier: 'subnet-a,subnet-b,subnet-c',
      ...more,
    });
  const activities = async () =>
    (await service.call('DescribeScalingActivities', { AutoScalingGroupName: 'web' })).Activities ?? [];
  return { ...service, ec2, settle, group, create, activities, measured };
}

export type Groups = ReturnType<typeof openGroups>;
