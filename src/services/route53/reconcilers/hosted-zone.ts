import type { NameZone, Names } from '../../../network/dns/names.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { nameZone } from '../domain/name-zone.ts';
import { hostedZones, recordSets, zoneKey, type HostedZoneRow, type RecordSet } from '../tables.ts';

const RESYNC_MS = 300_000;

interface Observed {
  readonly zoneId: string;
  /** Not there once the zone is deleted. */
  readonly zone?: { readonly row: HostedZoneRow; readonly sets: readonly RecordSet[] };
}

type Action =
  | { readonly type: 'publish'; readonly zone: NameZone }
  | { readonly type: 'withdraw'; readonly zoneId: string };

/** Brings every hosted zone to the name server, which remembers none of them across a restart. */
export function hostedZoneReconciler(names: Names): Reconciler<Observed, Action> {
  return {
    name: 'route53.hosted-zone',
    resyncEveryMs: RESYNC_MS,
    keys(change) {
      if (change.table === hostedZones.name) return [change.key];
      return change.table === recordSets.name ? (change.indexes['zone'] ?? []) : [];
    },
    allKeys: async (tx) => (await tx.list(hostedZones)).map(zoneKey),
    async observe(tx, key) {
      const zoneId = key.slice(key.indexOf('/') + 1);
      const row = await tx.get(hostedZones, key);
      if (!row) return { zoneId };
      return { zoneId, zone: { row, sets: await tx.list(recordSets, { prefix: `${key}/` }) } };
    },
    plan({ zoneId, zone }) {
      if (!zone) return { actions: [{ type: 'withdraw', zoneId }], why: 'The hosted zone is deleted.' };
      const published = nameZone(zone.row, zone.sets);
      return {
        actions: [{ type: 'publish', zone: published }],
        why: `${published.origin} is served with ${published.records.length} record sets.`,
      };
    },
    async apply(action) {
      if (action.type === 'publish') names.publish(action.zone);
      else names.withdraw(action.zoneId);
    },
  };
}
