import type { ServiceConnectConfiguration } from '@aws-sdk/client-ecs';
import { scopeKey } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import { table } from '../../store/store.ts';

/** A name that clients resolve, by their /etc/hosts. */
export interface ConnectHost {
  readonly name: string;
  readonly address: string;
}

export interface ConnectAliasRow {
  readonly dnsName: string;
  readonly port: number;
  readonly address: string;
}

/** One of the ports that a service offers: a Cloud Map service, whose instances are its tasks. */
export interface ConnectServiceRow {
  readonly portName: string;
  readonly containerPort: number;
  readonly discoveryName: string;
  readonly discoveryArn: string;
  readonly aliases: readonly ConnectAliasRow[];
}

/** Service Connect as one deployment has it. */
export interface ConnectRow {
  /** As it was asked for. */
  readonly configuration: ServiceConnectConfiguration;
  readonly namespaceArn: string;
  readonly services: readonly ConnectServiceRow[];
  /** What there was in the namespace when the deployment began: its tasks know no other names. */
  readonly hosts: readonly ConnectHost[];
}

export interface ConnectServerRow {
  readonly registryArn: string;
  /** The container's. */
  readonly port: number;
  readonly endpoints: readonly { readonly address: string; readonly port: number }[];
}

export interface TaskConnectRow {
  readonly hosts: readonly ConnectHost[];
  readonly servers: readonly ConnectServerRow[];
}

/** The VPC of a task that serves by Service Connect, until it has stopped. */
export function connectVpc(task: {
  readonly connect?: TaskConnectRow;
  readonly interface?: { readonly vpcId: string };
  readonly lastStatus: string;
}): string | undefined {
  return task.connect?.servers.length && task.lastStatus !== 'STOPPED' ? task.interface?.vpcId : undefined;
}

/** Whether connections are led to a task: written before the first one, and after the last one. */
export type ConnectionRow = { readonly state: 'JOINED' } | { readonly state: 'LEFT'; readonly leftAtMs: number };

/** The address of a name: the same for all its ports, and as long as a service or a task knows it. */
export interface ConnectAddressRow extends Scope {
  readonly namespaceArn: string;
  readonly dnsName: string;
  readonly address: string;
  readonly claimedAtMs: number;
}

export const addressKey = (namespaceArn: string, dnsName: string) => `${namespaceArn}/${dnsName}`;
export const connectAddresses = table<ConnectAddressRow>(
  'ecs.connect-addresses',
  (row) => addressKey(row.namespaceArn, row.dnsName),
  { scope: scopeKey },
);

/** So long a claim holds, until the service that makes it is written. */
export const CLAIM_MS = 60_000;

/** A Cloud Map service that ECS has made, or is about to make, and removes with the last deployment that has it. */
export interface ConnectDiscoveryRow extends Scope {
  readonly serviceArn: string;
  readonly namespaceArn: string;
  readonly discoveryName: string;
  /** Not there yet: it may or may not have been made. */
  readonly discoveryArn?: string;
  readonly claimedAtMs: number;
  /** It is being removed: whoever claims it has it removed first, and made anew. */
  readonly isLeaving?: true;
}

export const discoveryKey = (serviceArn: string, namespaceArn: string, name: string) =>
  `${serviceArn}#${namespaceArn}#${name}`;
export const connectDiscoveries = table<ConnectDiscoveryRow>(
  'ecs.connect-discoveries',
  (row) => discoveryKey(row.serviceArn, row.namespaceArn, row.discoveryName),
  { service: (row) => row.serviceArn },
);
