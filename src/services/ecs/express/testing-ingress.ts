import type { FakeCalls } from '../../../api/testing.ts';
import { ServiceError } from '../../../kernel/errors.ts';

const ELB = 'arn:aws:elasticloadbalancing:us-east-1:123456789012';
const missing = (code: string) => new ServiceError(code, `${code}: it is not there`);

interface FakeListener {
  certificates: string[];
  /** Host name, priority, and the weight of each target group. */
  rules: { host: string; priority: string; weights: object[] }[];
}

/** Of load balancers, names, certificates and scaling as much as Express Mode makes: all of it by name. */
export class FakeIngress {
  /** By name, each with its HTTPS listener once it has one. */
  readonly balancers = new Map<string, FakeListener | undefined>();
  /** By name, its health check path. */
  readonly targetGroups = new Map<string, string>();
  /** By target group; all of them healthy. */
  readonly #targets = new Map<string, object[]>();
  readonly groups = new Set<string>();
  readonly certificates = new Set<string>();
  readonly zones = new Map<string, string>();
  readonly logGroups = new Set<string>();
  /** By resource, what it is scaled between. */
  readonly scaled = new Map<string, { MinCapacity: number; MaxCapacity: number; policy?: unknown }>();
  /** By name, its state. */
  readonly alarms = new Map<string, 'OK' | 'ALARM'>();
  isDefaultVpcThere = true;
  routesOut = true;

  /** Everything that is there, by kind and name. */
  list(): string[] {
    return [
      ...[...this.balancers.keys()].map((name) => `load-balancer ${name}`),
      ...[...this.targetGroups.keys()].map((name) => `target-group ${name}`),
      ...[...this.groups].map((name) => `security-group ${name}`),
      ...[...this.certificates].map((name) => `certificate ${name}`),
      ...[...this.zones.keys()].map((name) => `zone ${name}`),
      ...[...this.logGroups].map((name) => `log-group ${name}`),
      ...[...this.scaled.keys()].map((name) => `scalable-target ${name}`),
      ...[...this.alarms.keys()].map((name) => `alarm ${name}`),
    ];
  }

  calls(): FakeCalls {
    return { ...this.#networkCalls(), ...this.#balancerCalls(), ...this.#listenerCalls(), ...this.#otherCalls() };
  }

  #networkCalls(): FakeCalls {
    const subnets = ['subnet-a', 'subnet-b', 'subnet-c'];
    return {
      'ec2:DescribeVpcs': () => ({
        Vpcs: this.isDefaultVpcThere ? [{ VpcId: 'vpc-1', CidrBlock: '172.31.0.0/16' }] : [],
      }),
      'ec2:DescribeSubnets': ({ SubnetIds = subnets }) => ({
        Subnets: SubnetIds.map((id: string) => ({
          SubnetId: id,
          VpcId: 'vpc-1',
          AvailabilityZone: `us-east-1${id.at(-1)}`,
        })),
      }),
      'ec2:DescribeRouteTables': () => ({
        RouteTables: [{ Associations: [{ Main: true }], Routes: this.routesOut ? [{ GatewayId: 'igw-1' }] : [] }],
      }),
      'ec2:DescribeSecurityGroups': ({ GroupIds, Filters = [] }) => {
        const name = Filters[1]?.Values[0];
        const found = GroupIds ?? (name === 'default' ? ['sg-default'] : this.groups.has(name) ? [`sg-${name}`] : []);
        return { SecurityGroups: found.map((GroupId: string) => ({ GroupId, VpcId: 'vpc-1' })) };
      },
      'ec2:CreateSecurityGroup': ({ GroupName }) => {
        this.groups.add(GroupName);
        return { GroupId: `sg-${GroupName}` };
      },
      'ec2:AuthorizeSecurityGroupIngress': () => ({}),
      'ec2:DeleteSecurityGroup': ({ GroupId }) => {
        this.groups.delete(GroupId.replace(/^sg-/, ''));
        return {};
      },
    };
  }

  #balancerCalls(): FakeCalls {
    return {
      'elbv2:CreateLoadBalancer': ({ Name }) => {
        if (!this.balancers.has(Name)) this.balancers.set(Name, undefined);
        return {};
      },
      'elbv2:DescribeLoadBalancers': ({ Names: [name] }) => {
        if (!this.balancers.has(name)) throw missing('LoadBalancerNotFoundException');
        const arn = `${ELB}:loadbalancer/app/${name}/0123`;
        return { LoadBalancers: [{ LoadBalancerArn: arn, State: { Code: 'active' }, DNSName: `${name}.elb` }] };
      },
      'elbv2:DeleteLoadBalancer': ({ LoadBalancerArn }) => {
        this.balancers.delete(LoadBalancerArn.split('/')[2]);
        return {};
      },
      'elbv2:CreateTargetGroup': ({ Name, HealthCheckPath }) => {
        this.targetGroups.set(Name, HealthCheckPath);
        return { TargetGroups: [{ TargetGroupArn: `${ELB}:targetgroup/${Name}/0123` }] };
      },
      'elbv2:ModifyTargetGroup': ({ TargetGroupArn, HealthCheckPath }) => {
        this.targetGroups.set(TargetGroupArn.split('/')[1], HealthCheckPath);
        return {};
      },
      'elbv2:ModifyTargetGroupAttributes': () => ({}),
      'elbv2:DescribeTargetGroups': ({ Names, TargetGroupArns }) => {
        const name = Names?.[0] ?? TargetGroupArns[0].split('/')[1];
        if (!this.targetGroups.has(name)) throw missing('TargetGroupNotFoundException');
        const TargetGroupArn = `${ELB}:targetgroup/${name}/0123`;
        const HealthCheckPath = this.targetGroups.get(name);
        return { TargetGroups: [{ TargetGroupArn, TargetType: 'ip', LoadBalancerArns: ['lb'], HealthCheckPath }] };
      },
      'elbv2:DeleteTargetGroup': ({ TargetGroupArn }) => {
        this.targetGroups.delete(TargetGroupArn.split('/')[1]);
        return {};
      },
      'elbv2:RegisterTargets': ({ TargetGroupArn, Targets }) =>
        this.#targets.set(TargetGroupArn, [...(this.#targets.get(TargetGroupArn) ?? []), ...Targets]),
      'elbv2:DeregisterTargets': () => ({}),
      'elbv2:DescribeTargetHealth': ({ TargetGroupArn, Targets: asked }) => {
        const Targets: object[] = asked ?? this.#targets.get(TargetGroupArn) ?? [];
        return { TargetHealthDescriptions: Targets.map((Target) => ({ Target, TargetHealth: { State: 'healthy' } })) };
      },
    };
  }

  /** A listener's ARN is its load balancer's, and a rule's its host name's. */
  #listenerCalls(): FakeCalls {
    const of = (arn: string) => this.balancers.get(arn.split('/')[2] ?? '');
    return {
      'elbv2:DescribeListeners': ({ LoadBalancerArn }) => ({
        Listeners: of(LoadBalancerArn) ? [{ ListenerArn: LoadBalancerArn, Port: 443 }] : [],
      }),
      'elbv2:CreateListener': ({ LoadBalancerArn, Certificates: [first] }) => {
        this.balancers.set(LoadBalancerArn.split('/')[2], { certificates: [first.CertificateArn], rules: [] });
        return { Listeners: [{ ListenerArn: LoadBalancerArn }] };
      },
      'elbv2:DescribeListenerCertificates': ({ ListenerArn }) => ({
        Certificates: of(ListenerArn)?.certificates.map((CertificateArn, at) => ({ CertificateArn, IsDefault: !at })),
      }),
      'elbv2:AddListenerCertificates': ({ ListenerArn, Certificates: [one] }) => {
        of(ListenerArn)?.certificates.push(one.CertificateArn);
        return {};
      },
      'elbv2:RemoveListenerCertificates': ({ ListenerArn, Certificates: [one] }) => {
        const listener = of(ListenerArn);
        if (listener) listener.certificates = listener.certificates.filter((arn) => arn !== one.CertificateArn);
        return {};
      },
      'elbv2:ModifyListener': ({ ListenerArn, Certificates: [one] }) => {
        const listener = of(ListenerArn);
        const others = listener?.certificates.slice(1).filter((arn) => arn !== one.CertificateArn) ?? [];
        if (listener) listener.certificates = [one.CertificateArn, ...others];
        return {};
      },
      'elbv2:DescribeRules': ({ RuleArns: [arn] = [''], ListenerArn = listenerOf(arn) }) => ({
        Rules: of(ListenerArn)?.rules.map(({ host, priority, weights }) => ({
          RuleArn: `${ListenerArn.replace(':loadbalancer/', ':listener-rule/')}#${host}`,
          Priority: priority,
          Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: [host] } }],
          Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups: weights } }],
        })),
      }),
      'elbv2:CreateRule': ({ ListenerArn, Priority, Conditions: [condition], Actions: [action] }) => {
        const [host] = condition.HostHeaderConfig.Values;
        of(ListenerArn)?.rules.push({ host, priority: String(Priority), weights: action.ForwardConfig.TargetGroups });
        return {};
      },
      'elbv2:ModifyRule': ({ RuleArn, Actions: [action] }) => {
        const rule = of(RuleArn)?.rules.find((one) => RuleArn.endsWith(`#${one.host}`));
        if (rule) rule.weights = action.ForwardConfig.TargetGroups;
        return {};
      },
      'elbv2:DeleteRule': ({ RuleArn }) => {
        const [arn = '', host] = RuleArn.split('#');
        const listener = of(arn);
        if (listener) listener.rules = listener.rules.filter((rule) => rule.host !== host);
        return {};
      },
    };
  }

  #otherCalls(): FakeCalls {
    return {
      'cloudwatch:PutMetricAlarm': ({ AlarmName }) => {
        if (!this.alarms.has(AlarmName)) this.alarms.set(AlarmName, 'OK');
        return {};
      },
      'cloudwatch:DeleteAlarms': ({ AlarmNames: [name] }) => {
        this.alarms.delete(name);
        return {};
      },
      'cloudwatch:DescribeAlarms': ({ AlarmNames }) => ({
        MetricAlarms: AlarmNames.flatMap((AlarmName: string) => {
          const StateValue = this.alarms.get(AlarmName);
          return StateValue ? [{ AlarmName, StateValue, EvaluationPeriods: 3, Period: 60 }] : [];
        }),
      }),
      'logs:CreateLogGroup': ({ logGroupName }) => {
        if (this.logGroups.has(logGroupName)) throw missing('ResourceAlreadyExistsException');
        return this.logGroups.add(logGroupName);
      },
      'logs:DeleteLogGroup': ({ logGroupName }) => {
        if (!this.logGroups.delete(logGroupName)) throw missing('ResourceNotFoundException');
        return {};
      },
      'acm:ListCertificates': () => ({
        CertificateSummaryList: [...this.certificates].map((DomainName) => ({
          DomainName,
          CertificateArn: DomainName,
        })),
      }),
      'acm:RequestCertificate': ({ DomainName }) => this.certificates.add(DomainName),
      'acm:DescribeCertificate': () => ({ Certificate: { Status: 'ISSUED' } }),
      'acm:DeleteCertificate': ({ CertificateArn }) => {
        const isUsed = [...this.balancers.values()].some((one) => one?.certificates.includes(CertificateArn));
        if (isUsed) throw missing('ResourceInUseException');
        this.certificates.delete(CertificateArn);
        return {};
      },
      'route53:ListHostedZonesByName': ({ DNSName }) => ({
        HostedZones: this.zones.has(DNSName) ? [{ Id: DNSName, CallerReference: this.zones.get(DNSName) }] : [],
      }),
      'route53:CreateHostedZone': ({ Name, CallerReference }) => {
        this.zones.set(Name, CallerReference);
        return { HostedZone: { Id: Name } };
      },
      'route53:ChangeResourceRecordSets': () => ({}),
      'route53:ListResourceRecordSets': () => ({ ResourceRecordSets: [{ Type: 'SOA' }, { Type: 'A' }] }),
      'route53:DeleteHostedZone': ({ Id }) => {
        this.zones.delete(Id);
        return {};
      },
      'application-autoscaling:RegisterScalableTarget': ({ ResourceId, MinCapacity, MaxCapacity }) => {
        this.scaled.set(ResourceId, { MinCapacity, MaxCapacity });
        return {};
      },
      'application-autoscaling:PutScalingPolicy': ({
        ResourceId,
        TargetTrackingScalingPolicyConfiguration: policy,
      }) => {
        const target = this.scaled.get(ResourceId);
        if (target) target.policy = policy;
        return {};
      },
      'application-autoscaling:DeregisterScalableTarget': ({ ResourceId }) => {
        if (!this.scaled.delete(ResourceId)) throw missing('ObjectNotFoundException');
        return {};
      },
    };
  }
}

/** Whose rule it is: see the names that the fake gives. */
function listenerOf(ruleArn: string): string {
  return (ruleArn.split('#')[0] ?? '').replace(':listener-rule/', ':loadbalancer/');
}
