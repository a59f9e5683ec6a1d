import type { ChangeInfo, HostedZone, ResourceRecordSet, VPC, VPCRegion } from '@aws-sdk/client-route-53';
import type { ChangeRow, HostedZoneRow, RecordSet, ZoneVpc } from './tables.ts';

export function hostedZoneView(row: HostedZoneRow): HostedZone {
  return {
    Id: `/hostedzone/${row.zoneId}`,
    Name: row.name,
    CallerReference: row.callerReference,
    Config: { ...(row.comment !== undefined && { Comment: row.comment }), PrivateZone: row.isPrivate },
    ResourceRecordSetCount: row.recordSetCount,
  };
}

export function vpcView(vpc: ZoneVpc): VPC {
  return { VPCRegion: vpc.region as VPCRegion, VPCId: vpc.vpcId };
}

export function recordSetView(set: RecordSet): ResourceRecordSet {
  return {
    Name: set.name,
    Type: set.type,
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

/** A change is PENDING in the answer that makes it, and INSYNC from then on: there is one name server. */
export function changeView(row: ChangeRow, status: 'PENDING' | 'INSYNC'): ChangeInfo {
  return {
    Id: `/change/${row.changeId}`,
    Status: status,
    SubmittedAt: new Date(row.submittedAtMs),
    ...(row.comment !== undefined && { Comment: row.comment }),
  };
}
