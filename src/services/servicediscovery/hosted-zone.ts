import type {
  Change,
  ListResourceRecordSetsRequest,
  ListResourceRecordSetsResponse,
  ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import type { Call } from '../../api/context.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { recordChanges } from './domain/namespace-records.ts';
import type { NamespaceRow } from './tables.ts';

const MAX_CHANGES = 1000;

/** Makes the namespace's hosted zone, or finds the one that was made before a crash; answers its id. */
export async function makeZone(call: Call, namespace: NamespaceRow): Promise<string> {
  const callerReference = `servicediscovery-${namespace.id}`;
  try {
    const { HostedZone } = await call('route53', 'CreateHostedZone', {
      Name: namespace.name,
      CallerReference: callerReference,
      HostedZoneConfig: {
        Comment: `Created by AWS Cloud Map namespace with ARN ${namespace.arn}`,
        PrivateZone: namespace.type === 'DNS_PRIVATE',
      },
      ...(namespace.vpcId !== undefined && { VPC: { VPCId: namespace.vpcId, VPCRegion: regionOf(namespace) } }),
    });
    return zoneId(HostedZone?.Id);
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'HostedZoneAlreadyExists')) throw error;
    const { HostedZones = [] } = await call('route53', 'ListHostedZonesByName', { DNSName: namespace.name });
    const found = HostedZones.find((zone) => zone.CallerReference === callerReference);
    if (!found) throw error;
    return zoneId(found.Id);
  }
}

/** Route 53 types regions as a list; any text that names one will do. */
function regionOf({ region }: NamespaceRow): 'us-east-1' {
  return region as 'us-east-1';
}

const zoneId = (id: string | undefined) => (id ?? '').replace('/hostedzone/', '');

/** Brings the zone to these record sets; nothing is called where nothing changes. */
export async function writeZone(
  call: Call,
  hostedZoneId: string,
  wanted: readonly ResourceRecordSet[],
  soaTtlSeconds?: number,
): Promise<void> {
  const changes = recordChanges(await recordSetsOf(call, hostedZoneId), wanted, soaTtlSeconds);
  for (let at = 0; at < changes.length; at += MAX_CHANGES) {
    await makeChanges(call, hostedZoneId, changes.slice(at, at + MAX_CHANGES));
  }
}

/** One that Route 53 refuses must not keep the others out: they are then made one by one, and the refusal said at the end. */
async function makeChanges(call: Call, HostedZoneId: string, Changes: Change[]): Promise<void> {
  try {
    await call('route53', 'ChangeResourceRecordSets', { HostedZoneId, ChangeBatch: { Changes } });
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'InvalidChangeBatch') || Changes.length === 1) throw error;
    const results = await Promise.allSettled(Changes.map((change) => makeChanges(call, HostedZoneId, [change])));
    const refused = results.find((result) => result.status === 'rejected');
    if (refused) throw refused.reason;
  }
}

type Start = Pick<ListResourceRecordSetsRequest, 'StartRecordName' | 'StartRecordType' | 'StartRecordIdentifier'>;

async function recordSetsOf(call: Call, HostedZoneId: string): Promise<readonly ResourceRecordSet[]> {
  const sets: ResourceRecordSet[] = [];
  let start: Start | undefined = {};
  while (start) {
    const page: ListResourceRecordSetsResponse = await listFrom(call, HostedZoneId, start);
    sets.push(...(page.ResourceRecordSets ?? []));
    start = page.IsTruncated ? nextOf(page) : undefined;
  }
  return sets;
}

function listFrom(call: Call, HostedZoneId: string, start: Start): Promise<ListResourceRecordSetsResponse> {
  return call('route53', 'ListResourceRecordSets', { HostedZoneId, ...start });
}

function nextOf({ NextRecordName, NextRecordType, NextRecordIdentifier }: ListResourceRecordSetsResponse): Start {
  return {
    StartRecordName: NextRecordName,
    ...(NextRecordType && { StartRecordType: NextRecordType }),
    ...(NextRecordIdentifier !== undefined && { StartRecordIdentifier: NextRecordIdentifier }),
  };
}

/** A zone that is gone already is no error. */
export async function removeZone(call: Call, hostedZoneId: string): Promise<void> {
  try {
    await writeZone(call, hostedZoneId, []);
    await call('route53', 'DeleteHostedZone', { Id: hostedZoneId });
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'NoSuchHostedZone')) throw error;
  }
}
