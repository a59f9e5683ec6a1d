import type { DhcpOptions } from '@aws-sdk/client-ec2';
import type { TaskInterfaceRow } from '../tables.ts';

/** Name servers and search domains of a task: https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html */
interface TaskDns {
  readonly servers: readonly string[];
  readonly search: readonly string[];
}

const AMAZON_DNS = 'AmazonProvidedDNS';

/** What the task has in resolv.conf. */
export function dnsOf(own: TaskInterfaceRow): TaskDns {
  return own.dns ?? { servers: [resolverOf(own.vpcCidr)], search: [own.privateDnsName.split('.').slice(1).join('.')] };
}

/** What a VPC's DHCP options say of it; `AmazonProvidedDNS` is the second address of the VPC's range. */
export function dnsOfOptions(vpcCidr: string, { DhcpConfigurations: configurations = [] }: DhcpOptions): TaskDns {
  const values = (key: string) =>
    configurations.find((one) => one.Key === key)?.Values?.flatMap(({ Value: value }) => value ?? []);
  const servers = values('domain-name-servers') ?? [AMAZON_DNS];
  return {
    servers: servers.map((server) => (server === AMAZON_DNS ? resolverOf(vpcCidr) : server)),
    search: values('domain-name')?.flatMap((text) => text.split(' ').filter((domain) => domain !== '')) ?? [],
  };
}

function resolverOf(vpcCidr: string): string {
  const base = vpcCidr.split('/')[0] ?? '';
  return base.replace(/\d+$/, (last) => String(Number(last) + 2));
}
