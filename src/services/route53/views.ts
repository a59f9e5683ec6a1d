import type { ChangeInfo, HostedZone, ResourceRecordSet, VPC, VPCRegion } from '@aws-sdk/client-route-53';
import { placeView } from './domain/place-routing.ts';
import type { ChangeRow, HostedZoneRow, RecordSet, SetPolicy, ZoneVpc } from './tables.ts';

export function hostedZoneView(row: HostedZoneRow): HostedZone {
  return {
    Id: `/hostedzone/${row.zoneId}`,
    Name: row.name,
    CallerReference: row.callerReference,
    Config: { ...(row.comment !== undefined && { Comment: row.comment }), PrivateZone: row.isPrivate },
    ResourceRecordSetCount: row.recordSetCount,
    ...(row.linkedService && {
      LinkedService: { ServicePrincipal: row.linkedService.principal, Description: row.linkedService.description },
    }),
  };
}

export function vpcView(vpc: ZoneVpc): VPC {
  return { VPCRegion: vpc.region as VPCRegion, VPCId: vpc.vpcId };
}

export function recordSetView(set: RecordSet): ResourceRecordSet {
  return {
    Name: set.name,
    Type: set.type,
    ...routingView(set),
    ...(set.healthCheckId !== undefined && { HealthCheckId: set.healthCheckId }),
    ...(set.ttlSeconds !== undefined && { TTL: set.ttlSeconds }),
    ...(set.alias
      ? {
          AliasTarget: {
            HostedZoneId: set.alias.hostedZoneId,
            DNSName: set.alias.dnsName,
            EvaluateTargetHealth: set.alias.evaluateTargetHealth,
          },
        }
      : { ResourceRecords: set.values.map((Value) => ({ Value })) }),
  };
}

function routingView({ routing }: RecordSet): Partial<ResourceRecordSet> {
  if (!routing) return {};
  return { SetIdentifier: routing.setIdentifier, ...policyView(routing) };
}

function policyView(policy: SetPolicy): Partial<ResourceRecordSet> {
  if (policy.policy === 'weighted') return { Weight: policy.weight };
  if (policy.policy === 'failover') return { Failover: policy.role };
  return policy.policy === 'multivalue' ? { MultiValueAnswer: true } : placeView(policy);
}

/** A change is PENDING in the answer that makes it, and INSYNC from then on: there is one name server. */
export function changeView(row: ChangeRow, status: 'PENDING' | 'INSYNC'): ChangeInfo {
  return {
    Id: `/change/${row.changeId}`,
    Status: status,
    SubmittedAt: new Date(row.submittedAtMs),
    ...(row.comment !== undefined && { Comment: row.comment }),
  };
}
