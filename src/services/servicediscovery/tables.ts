import { scopeKey } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';

export interface NamespaceRow extends Scope {
  readonly arn: string;
  /** `ns-...` */
  readonly id: string;
  readonly name: string;
  /** By which DiscoverInstances knows it: the name, or the name and a suffix where another namespace has that name. */
  readonly httpName: string;
  readonly type: 'HTTP' | 'DNS_PRIVATE' | 'DNS_PUBLIC';
  /** Until its hosted zone stands it is CREATING, and nobody sees it. */
  readonly status: 'CREATING' | 'ACTIVE' | 'DELETING';
  /** Of DNS_PRIVATE. */
  readonly vpcId?: string;
  /** Of both DNS types, once it stands. */
  readonly hostedZoneId?: string;
  /** Of both DNS types: how long resolvers may keep that a name is not there. */
  readonly soaTtlSeconds?: number;
  readonly description?: string;
  readonly creatorRequestId: string;
  readonly createdAtMs: number;
  readonly tags: Tags;
}

export const namespaces = table<NamespaceRow>('servicediscovery.namespaces', (row) => row.arn, { scope: scopeKey });

export interface ServiceDnsRecord {
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'SRV';
  readonly ttlSeconds: number;
}

export interface ServiceDns {
  readonly routingPolicy: 'MULTIVALUE' | 'WEIGHTED';
  readonly records: readonly ServiceDnsRecord[];
}

export interface ServiceRow extends Scope {
  readonly arn: string;
  /** `srv-...` */
  readonly id: string;
  readonly namespaceArn: string;
  readonly namespaceId: string;
  readonly name: string;
  readonly type: 'HTTP' | 'DNS_HTTP';
  readonly dns?: ServiceDns;
  /** Instances have a health that whoever registers them tells. */
  readonly customHealth: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  /** Rises with each instance that comes or goes. */
  readonly instancesRevision: number;
  readonly description?: string;
  readonly creatorRequestId: string;
  readonly createdAtMs: number;
  readonly tags: Tags;
}

export const services = table<ServiceRow>('servicediscovery.services', (row) => row.arn, {
  scope: scopeKey,
  namespace: (row) => row.namespaceArn,
});

export interface InstanceRow extends Scope {
  readonly serviceArn: string;
  readonly namespaceArn: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Of a service with custom health. */
  readonly health?: 'HEALTHY' | 'UNHEALTHY';
  readonly creatorRequestId: string;
  readonly registeredAtMs: number;
}

export const instanceKey = (serviceArn: string, id: string) => `${serviceArn}/${id}`;
export const instances = table<InstanceRow>(
  'servicediscovery.instances',
  (row) => instanceKey(row.serviceArn, row.id),
  { service: (row) => row.serviceArn, namespace: (row) => row.namespaceArn },
);

export const OPERATION_TYPES = [
  'CREATE_NAMESPACE',
  'DELETE_NAMESPACE',
  'UPDATE_NAMESPACE',
  'UPDATE_SERVICE',
  'REGISTER_INSTANCE',
  'DEREGISTER_INSTANCE',
] as const;
export type OperationType = (typeof OPERATION_TYPES)[number];
export type OperationStatus = 'SUBMITTED' | 'PENDING' | 'SUCCESS' | 'FAIL';

/** Something that was asked for, and is done by the reconciler. */
export interface OperationRow extends Scope {
  readonly id: string;
  readonly type: OperationType;
  readonly status: OperationStatus;
  readonly namespaceArn: string;
  readonly namespaceId: string;
  readonly serviceId?: string;
  readonly instanceId?: string;
  /** The CreatorRequestId or UpdaterRequestId of the call: the same call again is the same operation. */
  readonly requestId?: string;
  readonly submittedAtMs: number;
  readonly updatedAtMs: number;
  readonly error?: { readonly code: string; readonly message: string };
}

const TIME_DIGITS = 15;

export const operationIdKey = (scope: Scope, id: string) => `${scopeKey(scope)}/${id}`;
export const isOpen = (row: OperationRow) => row.status === 'SUBMITTED' || row.status === 'PENDING';

/** The oldest first. */
export const operations = table<OperationRow>(
  'servicediscovery.operations',
  (row) => `${scopeKey(row)}/${String(row.submittedAtMs).padStart(TIME_DIGITS, '0')}/${row.id}`,
  {
    id: (row) => operationIdKey(row, row.id),
    namespace: (row) => row.namespaceArn,
    open: (row) => (isOpen(row) ? row.namespaceArn : undefined),
  },
);
