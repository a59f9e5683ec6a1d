import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { noSuchHostedZone } from './errors.ts';
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

/** A zone's tags, for `aws:ResourceTag`. Its ARN names no account, but ids are not used twice. */
export async function tagsOfArn(tx: ReadTx, arn: string): Promise<Tags | undefined> {
  const zoneId = /hostedzone\/([A-Z0-9]+)$/.exec(arn)?.[1];
  if (zoneId === undefined) return undefined;
  const [zone] = await tx.list(hostedZones, { where: ['zone', zoneId], limit: 1 });
  return zone?.tags;
}
