import { DescribeCertificateCommand, RequestCertificateCommand } from '@aws-sdk/client-acm';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
} from '@aws-sdk/client-ec2';
import type { IpPermission } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ChangeResourceRecordSetsCommand, CreateHostedZoneCommand } from '@aws-sdk/client-route-53';
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { Longshore } from './longshore.ts';
import { until } from './until.ts';

export type Clients = Awaited<ReturnType<Longshore['clients']>>;

export interface Placement {
  readonly vpcId: string;
  /** Two, in two availability zones. */
  readonly subnetIds: readonly string[];
  /** 80 and 443 from anywhere. */
  readonly balancerGroupId: string;
  /** 80 from the load balancer's group only. */
  readonly taskGroupId: string;
}

/** What the site is made of, as its parts were answered by the API. */
export interface SiteParts {
  readonly name: string;
  readonly hostname: string;
  readonly repositoryUri: string;
  readonly imageUri: string;
  readonly placement: Placement;
  readonly balancer: LoadBalancer;
  readonly targetGroupArn: string;
  readonly hostedZoneId: string;
  readonly certificateArn: string;
  readonly taskDefinitionArn: string;
}

/** What a response must carry, or the test cannot go on. */
export function given<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new Error(`The answer has no ${what}.`);
  return value;
}

export function fromAnywhere(port: number): IpPermission {
  return { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
}

export async function createPlacement({ ec2 }: Clients, name: string): Promise<Placement> {
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
  const vpcId = given(Vpcs?.[0]?.VpcId, 'default VPC');
  const { Subnets = [] } = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }),
  );
  const byZone = Subnets.toSorted((a, b) => (a.AvailabilityZone ?? '').localeCompare(b.AvailabilityZone ?? ''));
  const subnetIds = byZone.slice(0, 2).map((subnet) => given(subnet.SubnetId, 'SubnetId'));
  const group = async (GroupName: string, permissions: (peer?: string) => IpPermission[]) => {
    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName, Description: GroupName, VpcId: vpcId }),
    );
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: permissions() }));
    return given(GroupId, 'GroupId');
  };
  const balancerGroupId = await group(`${name}-balancer`, () => [fromAnywhere(80), fromAnywhere(443)]);
  const taskGroupId = await group(`${name}-tasks`, () => [
    { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, UserIdGroupPairs: [{ GroupId: balancerGroupId }] },
  ]);
  return { vpcId, subnetIds, balancerGroupId, taskGroupId };
}

/** Checks every five seconds, the least that ELB allows. */
export async function createTargetGroup(
  clients: Clients,
  name: string,
  vpcId: string,
  deregistrationDelaySeconds: number,
  TargetType: 'ip' | 'instance' = 'ip',
): Promise<string> {
  const { TargetGroups } = await clients.elbv2.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTP',
      Port: 80,
      VpcId: vpcId,
      TargetType,
      HealthCheckPath: '/healthz',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
    }),
  );
  const TargetGroupArn = given(TargetGroups?.[0]?.TargetGroupArn, 'TargetGroupArn');
  await setDeregistrationDelay(clients, TargetGroupArn, deregistrationDelaySeconds);
  return TargetGroupArn;
}

export async function setDeregistrationDelay({ elbv2 }: Clients, TargetGroupArn: string, seconds: number) {
  const delay = { Key: 'deregistration_delay.timeout_seconds', Value: String(seconds) };
  await elbv2.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [delay] }));
}

/** Internet-facing over the subnets; answers when it is active. */
export async function createLoadBalancer({ elbv2 }: Clients, name: string, placement: Placement) {
  const { LoadBalancers } = await elbv2.send(
    new CreateLoadBalancerCommand({
      Name: name,
      Type: 'application',
      Scheme: 'internet-facing',
      Subnets: [...placement.subnetIds],
      SecurityGroups: [placement.balancerGroupId],
    }),
  );
  const arn = given(LoadBalancers?.[0]?.LoadBalancerArn, 'LoadBalancerArn');
  return until('the load balancer is active', async () => {
    const seen = await elbv2.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }));
    const [balancer] = seen.LoadBalancers ?? [];
    return balancer?.State?.Code === 'active' ? balancer : undefined;
  });
}

/** 80 redirects to 443; 443 forwards to the target group. */
export async function createListeners(
  { elbv2 }: Clients,
  balancer: LoadBalancer,
  targetGroupArn: string,
  certificateArn: string,
): Promise<void> {
  const LoadBalancerArn = balancer.LoadBalancerArn;
  await elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [
        { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
      ],
    }),
  );
  await elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Protocol: 'HTTPS',
      Port: 443,
      Certificates: [{ CertificateArn: certificateArn }],
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  );
}

export async function createHostedZone({ route53 }: Clients, hostname: string): Promise<string> {
  const { HostedZone } = await route53.send(
    new CreateHostedZoneCommand({ Name: hostname, CallerReference: `${hostname}-1` }),
  );
  return given(HostedZone?.Id, 'HostedZone.Id');
}

export async function upsertRecord({ route53 }: Clients, zoneId: string, record: ResourceRecordSet): Promise<void> {
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet: record }] },
    }),
  );
}

/** Requests a certificate and proves the name with the record that ACM asks for; answers when it is issued. */
export async function createCertificate(clients: Clients, hostname: string, zoneId: string): Promise<string> {
  const { acm } = clients;
  const { CertificateArn } = await acm.send(
    new RequestCertificateCommand({ DomainName: hostname, ValidationMethod: 'DNS' }),
  );
  const describe = async () => {
    const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn }));
    return given(Certificate, 'Certificate');
  };
  const record = await until('ACM names the record that proves the name', async () => {
    return (await describe()).DomainValidationOptions?.[0]?.ResourceRecord;
  });
  const ResourceRecords = [{ Value: given(record.Value, 'Value') }];
  await upsertRecord(clients, zoneId, { Name: record.Name, Type: record.Type, TTL: 60, ResourceRecords });
  await until('the certificate is issued', async () => (await describe()).Status === 'ISSUED');
  return given(CertificateArn, 'CertificateArn');
}
