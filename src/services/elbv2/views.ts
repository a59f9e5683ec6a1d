import type { Listener, LoadBalancer, Rule, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { actionView } from './domain/actions.ts';
import { conditionView } from './domain/conditions.ts';
import { canonicalHostedZoneId } from './domain/hosted-zones.ts';
import { ruleArn } from './domain/names.ts';
import type { ListenerRow, LoadBalancerRow, RuleRow, TargetGroupRow } from './tables.ts';

export function loadBalancerView(row: LoadBalancerRow): LoadBalancer {
  return {
    LoadBalancerArn: row.arn,
    DNSName: row.dnsName,
    CanonicalHostedZoneId: canonicalHostedZoneId(row.region),
    CreatedTime: new Date(row.createdAtMs),
    LoadBalancerName: row.name,
    Scheme: row.scheme,
    VpcId: row.vpcId,
    State: { Code: row.state },
    Type: 'application',
    AvailabilityZones: zonesView(row),
    SecurityGroups: [...row.securityGroupIds],
    IpAddressType: 'ipv4',
  };
}

export function zonesView(row: LoadBalancerRow) {
  return row.subnets.map((subnet) => ({
    ZoneName: subnet.zoneName,
    SubnetId: subnet.subnetId,
    LoadBalancerAddresses: [],
  }));
}

/** @param loadBalancerArns of the load balancers that forward to it */
export function targetGroupView(row: TargetGroupRow, loadBalancerArns: readonly string[]): TargetGroup {
  return {
    TargetGroupArn: row.arn,
    TargetGroupName: row.name,
    Protocol: row.protocol,
    Port: row.port,
    VpcId: row.vpcId,
    HealthCheckProtocol: row.healthCheck.protocol,
    HealthCheckPort: row.healthCheck.port,
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: row.healthCheck.intervalSeconds,
    HealthCheckTimeoutSeconds: row.healthCheck.timeoutSeconds,
    HealthyThresholdCount: row.healthCheck.healthyThreshold,
    UnhealthyThresholdCount: row.healthCheck.unhealthyThreshold,
    HealthCheckPath: row.healthCheck.path,
    Matcher: { HttpCode: row.healthCheck.matcher },
    LoadBalancerArns: [...loadBalancerArns],
    TargetType: 'ip',
    ProtocolVersion: 'HTTP1',
    IpAddressType: 'ipv4',
  };
}

export function listenerView(row: ListenerRow): Listener {
  const [certificate] = row.certificateArns;
  return {
    ListenerArn: row.arn,
    LoadBalancerArn: row.loadBalancerArn,
    Port: row.port,
    Protocol: row.protocol,
    ...(certificate === undefined ? {} : { Certificates: [{ CertificateArn: certificate }] }),
    ...(row.sslPolicy === undefined ? {} : { SslPolicy: row.sslPolicy }),
    DefaultActions: [actionView(row.defaultAction)],
    ...(row.protocol === 'HTTPS' ? { MutualAuthentication: { Mode: 'off' } } : {}),
  };
}

export function ruleView(row: RuleRow): Rule {
  return {
    RuleArn: row.arn,
    Priority: String(row.priority),
    Conditions: row.conditions.map(conditionView),
    Actions: [actionView(row.action)],
    IsDefault: false,
    Transforms: [],
  };
}

export function defaultRuleView(row: ListenerRow): Rule {
  return {
    RuleArn: ruleArn(row.arn, row.defaultRuleId),
    Priority: 'default',
    Conditions: [],
    Actions: [actionView(row.defaultAction)],
    IsDefault: true,
    Transforms: [],
  };
}
