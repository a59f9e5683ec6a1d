import type { Listener, LoadBalancer, Rule, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { actionViews } from './domain/actions.ts';
import { conditionView } from './domain/conditions.ts';
import { canonicalHostedZoneId } from './domain/hosted-zones.ts';
import { ruleArn } from './domain/names.ts';
import { isStream } from './domain/protocols.ts';
import { mutualTlsView } from './mutual-tls.ts';
import { transformView } from './domain/transforms.ts';
import type { ListenerRow, LoadBalancerRow, RuleRow, SubnetRow, TargetGroupRow } from './tables.ts';

export function loadBalancerView(row: LoadBalancerRow): LoadBalancer {
  return {
    LoadBalancerArn: row.arn,
    DNSName: row.dnsName,
    CanonicalHostedZoneId: canonicalHostedZoneId(row.region, row.type),
    CreatedTime: new Date(row.createdAtMs),
    LoadBalancerName: row.name,
    Scheme: row.scheme,
    VpcId: row.vpcId,
    State: { Code: row.state },
    Type: row.type ?? 'application',
    AvailabilityZones: zonesView(row),
    ...(row.type === 'network' && row.securityGroupIds.length === 0
      ? {}
      : { SecurityGroups: [...row.securityGroupIds] }),
    IpAddressType: 'ipv4',
  };
}

export function zonesView(row: LoadBalancerRow) {
  return row.subnets.map((subnet) => ({
    ZoneName: subnet.zoneName,
    SubnetId: subnet.subnetId,
    LoadBalancerAddresses: chosenAddresses(row, subnet),
  }));
}

/** The static addresses of a load balancer of type network, those that the client chose. */
function chosenAddresses(row: LoadBalancerRow, { subnetId, allocationId, privateIp }: SubnetRow) {
  const publicIp = row.addresses.find((it) => it.subnetId === subnetId)?.publicIp;
  if (allocationId !== undefined) {
    return [{ AllocationId: allocationId, ...(publicIp === undefined ? {} : { IpAddress: publicIp }) }];
  }
  return privateIp === undefined ? [] : [{ PrivateIPv4Address: privateIp }];
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
    ...(row.healthCheck.protocol === 'TCP' ? {} : answerView(row)),
    LoadBalancerArns: [...loadBalancerArns],
    TargetType: row.targetType ?? 'ip',
    ...(isStream(row.protocol) ? {} : { ProtocolVersion: row.protocolVersion ?? 'HTTP1' }),
    IpAddressType: 'ipv4',
  };
}

/** What a health check asks for and wants to hear. */
function answerView({
  healthCheck,
  protocolVersion,
}: TargetGroupRow): Pick<TargetGroup, 'HealthCheckPath' | 'Matcher'> {
  const { path, matcher } = healthCheck;
  return { HealthCheckPath: path, Matcher: protocolVersion === 'GRPC' ? { GrpcCode: matcher } : { HttpCode: matcher } };
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
    ...(row.protocol === 'TLS' ? { AlpnPolicy: [row.alpnPolicy ?? 'None'] } : {}),
    DefaultActions: actionViews(row.defaultAction),
    ...(row.protocol === 'HTTPS' ? { MutualAuthentication: mutualTlsView(row.mutualTls) } : {}),
  };
}

export function ruleView(row: RuleRow): Rule {
  return {
    RuleArn: row.arn,
    Priority: String(row.priority),
    Conditions: row.conditions.map(conditionView),
    Actions: actionViews(row.action),
    IsDefault: false,
    Transforms: (row.transforms ?? []).map(transformView),
  };
}

export function defaultRuleView(row: ListenerRow): Rule {
  return {
    RuleArn: ruleArn(row.arn, row.defaultRuleId),
    Priority: 'default',
    Conditions: [],
    Actions: actionViews(row.defaultAction),
    IsDefault: true,
    Transforms: [],
  };
}
