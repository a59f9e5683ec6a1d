import type { Principal } from '../../api/context.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { managedElsewhere, noSuchHealthCheck, noSuchHostedZone } from './errors.ts';
import { healthChecks, type HealthCheckRow } from './health-tables.ts';
import { bareId } from './operation.ts';
import { hostedZones, type HostedZoneRow } from './tables.ts';

/** @throws NoSuchHostedZone */
export async function hostedZoneOf(
  tx: ReadTx,
  account: string,
  id: string | undefined,
): Promise<Stored<HostedZoneRow>> {
  const zoneId = bareId(id);
  const row = await tx.get(hostedZones, `${account}/${zoneId}`);
  if (!row) throw noSuchHostedZone(zoneId);
  return row;
}

/** @throws NoSuchHealthCheck */
export async function healthCheckOf(
  tx: ReadTx,
  account: string,
  id: string | undefined,
): Promise<Stored<HealthCheckRow>> {
  const checkId = bareId(id);
  const row = await tx.get(healthChecks, `${account}/${checkId}`);
  if (!row) throw noSuchHealthCheck(checkId);
  return row;
}

/** @throws AccessDenied for whoever is not the service that made the zone */
export function refuseLinked(zone: HostedZoneRow, principal: Principal): void {
  if (!zone.linkedService) return;
  if (principal.kind === 'service' && principal.userId === zone.linkedService.principal) return;
  throw managedElsewhere(zone.zoneId, zone.linkedService.description);
}

/** The tags of a zone or health check, for `aws:ResourceTag`. The ARN names no account, but ids are not used twice. */
export async function tagsOfArn(tx: ReadTx, arn: string): Promise<Tags | undefined> {
  const checkId = /healthcheck\/([0-9a-f-]+)$/.exec(arn)?.[1];
  if (checkId !== undefined) return (await tx.list(healthChecks, { where: ['check', checkId], limit: 1 }))[0]?.tags;
  const zoneId = /hostedzone\/([A-Z0-9]+)$/.exec(arn)?.[1];
  if (zoneId === undefined) return undefined;
  const [zone] = await tx.list(hostedZones, { where: ['zone', zoneId], limit: 1 });
  return zone?.tags;
}
