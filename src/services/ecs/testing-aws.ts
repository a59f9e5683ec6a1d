import type { FakeCalls } from '../../api/testing.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { FakeGroups } from './testing-groups.ts';
import { FakeManaged } from './testing-managed-ec2.ts';
import { FakeRegistry } from './testing-registry.ts';
import { FakeHooks, FakeRules } from './testing-shift.ts';

export type OnEffect = () => void;

export interface FakeTargetGroup {
  TargetType: string;
  LoadBalancerArns: string[];
  /** Whether a target drains before it is gone. */
  drains: boolean;
  /** The state of each target, by `address:port`. */
  readonly targets: Map<string, string>;
}

const SUBNETS: Readonly<Record<string, string>> = {
  'subnet-a': 'vpc-1',
  'subnet-b': 'vpc-1',
  'subnet-c': 'vpc-1',
  'subnet-x': 'vpc-2',
};
const GROUPS: Readonly<Record<string, string>> = { 'sg-default': 'vpc-1', 'sg-web': 'vpc-1', 'sg-x': 'vpc-2' };

/** As much of EC2 and ELB as ECS asks for, with what it made. */
export class FakeAws {
  /** Every call, e.g. `ec2:DescribeSubnets`. */
  readonly heard: string[] = [];
  /** By id: its token, and what DescribeNetworkInterfaces shows. */
  readonly interfaces = new Map<string, { token: string; description: string; isPublic: boolean }>();
  /** The zone of each EC2 instance that runs. */
  readonly instances = new Map<string, string>();
  readonly targetGroups = new Map<string, FakeTargetGroup>();
  readonly registry = new FakeRegistry();
  readonly rules = new FakeRules();
  readonly groups = new FakeGroups();
  readonly managed = new FakeManaged();
  readonly hooks: FakeHooks;
  /** The state of each alarm, by its name. */
  readonly alarms = new Map<string, string>();
  /** ARNs of roles that do not let ECS's tasks in. */
  readonly untrusting = new Set<string>();
  /** What happens while a role is looked at. */
  onAssume: () => Promise<void> = async () => {};
  /** What a call is refused with. */
  readonly refusals = new Map<string, Error>();
  readonly #onEffect: OnEffect;
  #made = 0;

  constructor(onEffect: OnEffect = () => {}) {
    this.#onEffect = onEffect;
    this.hooks = new FakeHooks(onEffect);
  }

  /** Adds a target group behind a load balancer; answers its ARN. */
  addTargetGroup(name: string, change: Partial<FakeTargetGroup> = {}): string {
    const arn = `arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/${name}/0123456789abcdef`;
    const group = { TargetType: 'ip', LoadBalancerArns: ['lb'], drains: false, targets: new Map<string, string>() };
    this.targetGroups.set(arn, { ...group, ...change });
    return arn;
  }

  /** Every target of the group has this health now. */
  setHealth(groupArn: string, state: string): void {
    const { targets } = this.#group(groupArn);
    for (const key of targets.keys()) targets.set(key, state);
  }

  calls(): FakeCalls {
    const groups = this.groups.calls();
    const all: Record<string, (input: any) => object> = {
      ...groups,
      ...this.managed.calls(),
      'ec2:DescribeInstanceTypes': (input) =>
        input.InstanceTypes ? (groups['ec2:DescribeInstanceTypes']?.(input) ?? {}) : this.managed.types(),
      'ec2:DescribeSubnets': (input) => this.#describeSubnets(input.SubnetIds),
      'ec2:DescribeSecurityGroups': (input) => this.#describeGroups(input.GroupIds ?? ['sg-default']),
      'ec2:DescribeInstances': (input) =>
        input.Filters
          ? (this.managed.find(input) ?? this.groups.launched(input))
          : this.#describeInstance(input.InstanceIds[0]),
      'ec2:DescribeVpcs': () => ({ Vpcs: [{ CidrBlock: '172.31.0.0/16' }] }),
      'ec2:CreateNetworkInterface': (input) => this.#createInterface(input),
      'ec2:ModifyNetworkInterfaceAttribute': (input) => this.#makePublic(input.NetworkInterfaceId),
      'ec2:DeleteNetworkInterface': (input) => this.#deleteInterface(input.NetworkInterfaceId),
      'ec2:DescribeNetworkInterfaces': (input) => this.#findInterfaces(input.Filters[0].Values[0]),
      'cloudwatch:DescribeAlarms': (input) => this.#describeAlarms(input.AlarmNames),
      'elbv2:DescribeTargetGroups': (input) => ({ TargetGroups: [this.#group(input.TargetGroupArns[0])] }),
      'elbv2:RegisterTargets': (input) => this.#register(input),
      'elbv2:DeregisterTargets': (input) => this.#deregister(input),
      'elbv2:DescribeTargetHealth': (input) => this.#health(input),
      'elbv2:DescribeRules': (input) => this.rules.describe(input.RuleArns[0]),
      'elbv2:ModifyRule': (input) => this.rules.modify(input),
      'ecs:RunTask': (input) => this.hooks.runTask(input),
      'ecs:DescribeTasks': () => this.hooks.describeTask(),
      'servicediscovery:GetService': (input) => this.registry.get(input.Id),
      'servicediscovery:GetNamespace': (input) => this.registry.namespace(input.Id),
      'servicediscovery:ListNamespaces': (input) => this.registry.namespaces(input.Filters[0].Values[0]),
      'servicediscovery:CreateService': (input) => this.registry.create(input),
      'servicediscovery:DeleteService': (input) => this.registry.delete(input.Id),
      'servicediscovery:CreateHttpNamespace': () => ({ OperationId: 'o-3' }),
      'servicediscovery:GetOperation': () => ({ Operation: { Targets: { NAMESPACE: 'ns-2' } } }),
      'servicediscovery:RegisterInstance': (input) => this.registry.register(input),
      'servicediscovery:DeregisterInstance': (input) => this.registry.deregister(input),
      'servicediscovery:UpdateInstanceCustomHealthStatus': (input) => this.registry.tell(input),
    };
    const entries = Object.entries(all).map(([name, answer]) => [
      name,
      (input: any) => this.#answer(name, answer, input),
    ]);
    return Object.fromEntries(entries);
  }

  #answer(name: string, answer: (input: any) => object, input: any): object {
    this.heard.push(name);
    const refusal = this.refusals.get(name);
    if (refusal) throw refusal;
    this.#onEffect();
    const answered = answer(input);
    this.#onEffect();
    return answered;
  }

  #describeInstance(InstanceId: string): object {
    const AvailabilityZone = this.instances.get(InstanceId);
    if (AvailabilityZone === undefined) throw new ServiceError('InvalidInstanceID.NotFound', 'It does not exist');
    const instance = { InstanceId, InstanceType: 't3.medium', ImageId: 'ami-1', VpcId: 'vpc-1', SubnetId: 'subnet-a' };
    return {
      Reservations: [{ Instances: [{ ...instance, State: { Name: 'running' }, Placement: { AvailabilityZone } }] }],
    };
  }

  #describeSubnets(ids: string[]): object {
    const missing = ids.find((id) => !SUBNETS[id]);
    if (missing) throw new ServiceError('InvalidSubnetID.NotFound', `The subnet ID '${missing}' does not exist`);
    return {
      Subnets: ids.map((SubnetId) => ({
        SubnetId,
        VpcId: SUBNETS[SubnetId],
        AvailabilityZone: `us-east-1${SubnetId.slice(-1)}`,
      })),
    };
  }

  #describeGroups(ids: string[]): object {
    const missing = ids.find((id) => !GROUPS[id]);
    if (missing) throw new ServiceError('InvalidGroup.NotFound', `The security group '${missing}' does not exist`);
    return { SecurityGroups: ids.map((GroupId) => ({ GroupId, VpcId: GROUPS[GroupId] })) };
  }

  #describeAlarms(names: string[]): object {
    const found = [...this.alarms].filter(([AlarmName]) => names.includes(AlarmName));
    const times = { EvaluationPeriods: 3, Period: 60 };
    return { MetricAlarms: found.map(([AlarmName, StateValue]) => ({ AlarmName, StateValue, ...times })) };
  }

  #createInterface(input: { SubnetId: string; ClientToken: string; Description: string }): object {
    const known = [...this.interfaces].find(([, made]) => made.token === input.ClientToken)?.[0];
    const id = known ?? `eni-${++this.#made}`;
    if (!known) {
      this.interfaces.set(id, { token: input.ClientToken, description: input.Description, isPublic: false });
    }
    const host = id.replace('eni-', '');
    return {
      NetworkInterface: {
        NetworkInterfaceId: id,
        VpcId: 'vpc-1',
        AvailabilityZone: `us-east-1${input.SubnetId.slice(-1)}`,
        PrivateIpAddress: `172.31.0.${host}`,
        PrivateDnsName: `ip-172-31-0-${host}.ec2.internal`,
        MacAddress: '0a:00:00:00:00:01',
      },
    };
  }

  #makePublic(id: string): object {
    const found = this.interfaces.get(id);
    if (found) found.isPublic = true;
    return {};
  }

  #deleteInterface(id: string): object {
    if (!this.interfaces.delete(id)) throw new ServiceError('InvalidNetworkInterfaceID.NotFound', `${id} is not there`);
    return {};
  }

  #findInterfaces(description: string): object {
    const found = [...this.interfaces].filter(([, made]) => made.description === description);
    return { NetworkInterfaces: found.map(([NetworkInterfaceId]) => ({ NetworkInterfaceId })) };
  }

  #group(arn: string): FakeTargetGroup {
    const found = this.targetGroups.get(arn);
    if (!found) throw new ServiceError('TargetGroupNotFoundException', 'One or more target groups not found');
    return found;
  }

  #register(input: TargetsInput): object {
    const { targets } = this.#group(input.TargetGroupArn);
    for (const key of keysOf(input)) if ((targets.get(key) ?? 'draining') === 'draining') targets.set(key, 'initial');
    return {};
  }

  #deregister(input: TargetsInput): object {
    const { targets, drains } = this.#group(input.TargetGroupArn);
    for (const key of keysOf(input).filter((key) => targets.has(key))) {
      if (drains) targets.set(key, 'draining');
      else targets.delete(key);
    }
    return {};
  }

  #health(input: TargetsInput): object {
    const { targets } = this.#group(input.TargetGroupArn);
    const keys = input.Targets ? keysOf(input) : [...targets.keys()];
    return {
      TargetHealthDescriptions: keys.map((key) => ({
        Target: { Id: key.split(':')[0], Port: Number(key.split(':')[1]) },
        TargetHealth: { State: targets.get(key) ?? 'unused', Description: 'as the test says' },
      })),
    };
  }
}

interface TargetsInput {
  readonly TargetGroupArn: string;
  readonly Targets: readonly { readonly Id: string; readonly Port: number }[];
}

const keysOf = (input: TargetsInput) => input.Targets.map((target) => `${target.Id}:${target.Port}`);
