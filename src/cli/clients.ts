import { ACMClient } from '@aws-sdk/client-acm';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { IAMClient } from '@aws-sdk/client-iam';
import { Route53Client } from '@aws-sdk/client-route-53';
import { STSClient } from '@aws-sdk/client-sts';
import type { Credentials } from './home.ts';

/** The AWS SDK's clients, pointed at one server. */
export interface Clients {
  readonly acm: ACMClient;
  readonly cloudtrail: CloudTrailClient;
  readonly ec2: EC2Client;
  readonly ecr: ECRClient;
  readonly ecs: ECSClient;
  readonly elbv2: ElasticLoadBalancingV2Client;
  readonly iam: IAMClient;
  readonly logs: CloudWatchLogsClient;
  readonly route53: Route53Client;
  readonly sts: STSClient;
}

export function clientsFor(
  server: { readonly endpoint: string; readonly region: string },
  credentials: Credentials,
): Clients {
  const config = { endpoint: server.endpoint, region: server.region, credentials: { ...credentials } };
  return {
    acm: new ACMClient(config),
    cloudtrail: new CloudTrailClient(config),
    ec2: new EC2Client(config),
    ecr: new ECRClient(config),
    ecs: new ECSClient(config),
    elbv2: new ElasticLoadBalancingV2Client(config),
    iam: new IAMClient(config),
    logs: new CloudWatchLogsClient(config),
    route53: new Route53Client(config),
    sts: new STSClient(config),
  };
}

/** Closes the connections that would keep the process alive. */
export function closeClients(clients: Clients): void {
  for (const client of Object.values(clients)) client.destroy();
}

/** Answers undefined when the server says, with one of these codes, that the thing does not exist (or exists already). */
export async function unless<T>(codes: readonly string[], call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && codes.includes(error.name)) return undefined;
    throw error;
  }
}
