import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  ListHostedZonesByNameCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Session, type SiteSession, must } from './session.ts';

export async function ensureHostedZone(session: SiteSession): Promise<string> {
  const found = await findHostedZone(session);
  if (found) return found;
  const created = await session.clients.route53.send(
    new CreateHostedZoneCommand({ Name: session.site.domain, CallerReference: `demo-${session.clock.now()}` }),
  );
  return must(created.HostedZone?.Id, 'HostedZone.Id');
}

export async function findHostedZone({ clients, site }: SiteSession): Promise<string | undefined> {
  const { HostedZones = [] } = await clients.route53.send(new ListHostedZonesByNameCommand({ DNSName: site.domain }));
  return HostedZones.find((zone) => zone.Name === `${site.domain}.`)?.Id;
}

export async function pointAtLoadBalancer(session: SiteSession, zoneId: string, balancer: LoadBalancer): Promise<void> {
  await upsertRecord(session, zoneId, {
    Name: session.site.domain,
    Type: 'A',
    AliasTarget: {
      HostedZoneId: must(balancer.CanonicalHostedZoneId, 'CanonicalHostedZoneId'),
      DNSName: must(balancer.DNSName, 'DNSName'),
      EvaluateTargetHealth: false,
    },
  });
}

export async function upsertRecord({ clients }: Session, zoneId: string, record: ResourceRecordSet): Promise<void> {
  await clients.route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet: record }] },
    }),
  );
}
