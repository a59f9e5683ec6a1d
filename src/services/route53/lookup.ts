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
