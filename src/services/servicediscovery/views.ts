import type {
  DnsConfig,
  Instance,
  Namespace,
  NamespaceProperties,
  Operation,
  Service,
} from '@aws-sdk/client-servicediscovery';
import type { InstanceRow, NamespaceRow, OperationRow, ServiceRow } from './tables.ts';

export function namespaceView(row: NamespaceRow, serviceCount: number): Namespace {
  return {
    Id: row.id,
    Arn: row.arn,
    ResourceOwner: row.account,
    Name: row.name,
    Type: row.type,
    ...(row.description !== undefined && { Description: row.description }),
    ServiceCount: serviceCount,
    Properties: propertiesView(row),
    CreateDate: new Date(row.createdAtMs),
    CreatorRequestId: row.creatorRequestId,
  };
}

function propertiesView(row: NamespaceRow): NamespaceProperties {
  return {
    ...(row.type !== 'HTTP' && {
      DnsProperties: {
        ...(row.hostedZoneId !== undefined && { HostedZoneId: row.hostedZoneId }),
        ...(row.soaTtlSeconds !== undefined && { SOA: { TTL: row.soaTtlSeconds } }),
      },
    }),
    HttpProperties: { HttpName: row.httpName },
  };
}

export function serviceView(row: ServiceRow, instanceCount: number): Service {
  return {
    Id: row.id,
    Arn: row.arn,
    ResourceOwner: row.account,
    Name: row.name,
    NamespaceId: row.namespaceId,
    ...(row.description !== undefined && { Description: row.description }),
    InstanceCount: instanceCount,
    ...(row.dns && { DnsConfig: dnsConfigView(row) }),
    Type: row.type,
    ...(row.customHealth && { HealthCheckCustomConfig: { FailureThreshold: 1 } }),
    CreateDate: new Date(row.createdAtMs),
    CreatorRequestId: row.creatorRequestId,
    CreatedByAccount: row.account,
  };
}

function dnsConfigView(row: ServiceRow): DnsConfig {
  return {
    NamespaceId: row.namespaceId,
    ...(row.dns && { RoutingPolicy: row.dns.routingPolicy }),
    DnsRecords: (row.dns?.records ?? []).map(({ type, ttlSeconds }) => ({ Type: type, TTL: ttlSeconds })),
  };
}

export function instanceView(row: InstanceRow): Instance {
  return {
    Id: row.id,
    CreatorRequestId: row.creatorRequestId,
    Attributes: { ...row.attributes },
    CreatedByAccount: row.account,
  };
}

export function operationView(row: OperationRow): Operation {
  return {
    Id: row.id,
    OwnerAccount: row.account,
    Type: row.type,
    Status: row.status,
    ...(row.error && { ErrorMessage: row.error.message, ErrorCode: row.error.code }),
    CreateDate: new Date(row.submittedAtMs),
    UpdateDate: new Date(row.updatedAtMs),
    Targets: targetsOf(row),
  };
}

function targetsOf({ type, namespaceId, serviceId, instanceId }: OperationRow): NonNullable<Operation['Targets']> {
  if (type.endsWith('_NAMESPACE')) return { NAMESPACE: namespaceId };
  return { ...(serviceId && { SERVICE: serviceId }), ...(instanceId && { INSTANCE: instanceId }) };
}
