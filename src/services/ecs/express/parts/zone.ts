import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { Site } from '../site.ts';
import { unless } from '../site.ts';

/** A hosted zone of the endpoint's name alone, in the place of AWS's own `on.aws`; undefined where there is none. */
export async function findZone({ own, row }: Site): Promise<string | undefined> {
  const { HostedZones = [] } = await own('route53', 'ListHostedZonesByName', { DNSName: row.hostname });
  return HostedZones.find((zone) => zone.CallerReference === referenceOf(row.id))?.Id;
}

export async function ensureZone(site: Site): Promise<string> {
  const { own, row } = site;
  const found = await findZone(site);
  if (found !== undefined) return found;
  const { HostedZone } = await own('route53', 'CreateHostedZone', {
    Name: row.hostname,
    CallerReference: referenceOf(row.id),
    HostedZoneConfig: { Comment: `Express service ${row.name}`, PrivateZone: false },
  });
  return HostedZone?.Id ?? '';
}

export async function upsert({ own }: Site, zoneId: string, record: ResourceRecordSet): Promise<void> {
  await own('route53', 'ChangeResourceRecordSets', {
    HostedZoneId: zoneId,
    ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet: record }] },
  });
}

export async function removeZone(site: Site): Promise<void> {
  const { own } = site;
  const zoneId = await findZone(site);
  if (zoneId === undefined) return;
  const { ResourceRecordSets = [] } = await own('route53', 'ListResourceRecordSets', { HostedZoneId: zoneId });
  const Changes = ResourceRecordSets.filter(({ Type }) => Type !== 'NS' && Type !== 'SOA').map((record) => ({
    Action: 'DELETE' as const,
    ResourceRecordSet: record,
  }));
  if (Changes.length > 0) {
    await own('route53', 'ChangeResourceRecordSets', { HostedZoneId: zoneId, ChangeBatch: { Changes } });
  }
  await unless(own('route53', 'DeleteHostedZone', { Id: zoneId }), 'NoSuchHostedZone');
}

const referenceOf = (id: string) => `ecs-express-${id}`;
