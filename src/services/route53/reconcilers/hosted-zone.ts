import type { NameZone, Names } from '../../../network/dns/names.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { ReadTx } from '../../../store/store.ts';
import { unhealthyChecks } from '../domain/health.ts';
import { nameZone, type ZoneHealth } from '../domain/name-zone.ts';
import { balancerHealth, healthChecks, healthStatuses } from '../health-tables.ts';
import { balancerOf, hostedZones, recordSets, zoneKey, type HostedZoneRow, type RecordSetRow } from '../tables.ts';

const RESYNC_MS = 300_000;
/** The key of all zones of an account that speak of health; other keys are zones'. */
const HEALTH = 'health/';

interface Observed {
  readonly zones: readonly ObservedZone[];
  /** Is not there any more. */
  readonly deleted?: string;
}

interface ObservedZone {
  readonly row: HostedZoneRow;
  readonly sets: readonly RecordSetRow[];
  readonly health: ZoneHealth;
}

type Action =
  | { readonly type: 'publish'; readonly zone: NameZone }
  | { readonly type: 'withdraw'; readonly zoneId: string };

/** Brings every hosted zone to the name server, which remembers none of them across a restart. */
export function hostedZoneReconciler(names: Names): Reconciler<Observed, Action> {
  const healthTables: readonly string[] = [healthChecks.name, healthStatuses.name, balancerHealth.name];
  return {
    name: 'route53.hosted-zone',
    resyncEveryMs: RESYNC_MS,
    keys(change) {
      if (change.table === hostedZones.name) return [change.key];
      if (healthTables.includes(change.table)) return [`${HEALTH}${change.key.split('/')[0]}`];
      return change.table === recordSets.name ? (change.indexes['zone'] ?? []) : [];
    },
    allKeys: async (tx) => (await tx.list(hostedZones)).map(zoneKey),
    async observe(tx, key) {
      if (key.startsWith(HEALTH)) return { zones: await zonesWithHealth(tx, key.slice(HEALTH.length)) };
      const zone = await observeZone(tx, key);
      return zone ? { zones: [zone] } : { zones: [], deleted: key.slice(key.indexOf('/') + 1) };
    },
    plan({ zones, deleted }) {
      if (deleted !== undefined) {
        return { actions: [{ type: 'withdraw', zoneId: deleted }], why: 'The hosted zone is deleted.' };
      }
      const published = zones.map(({ row, sets, health }) => nameZone(row, sets, health));
      return {
        actions: published.map((zone) => ({ type: 'publish', zone })),
        why: published.map((zone) => `${zone.origin} is served with ${zone.records.length} record sets.`).join(' '),
      };
    },
    async apply(action) {
      if (action.type === 'publish') names.publish(action.zone);
      else names.withdraw(action.zoneId);
    },
  };
}

async function observeZone(tx: ReadTx, key: string): Promise<ObservedZone | undefined> {
  const row = await tx.get(hostedZones, key);
  if (!row) return undefined;
  const sets = await tx.list(recordSets, { prefix: `${key}/` });
  return { row, sets, health: sets.some(asksHealth) ? await healthOf(tx, row.account) : HEALTHY };
}

async function zonesWithHealth(tx: ReadTx, account: string): Promise<readonly ObservedZone[]> {
  const sets = await tx.list(recordSets, { where: ['account', account] });
  const keys = new Set(sets.filter(asksHealth).map(zoneKey));
  const zones = await Promise.all([...keys].map((key) => observeZone(tx, key)));
  return zones.filter((zone) => zone !== undefined);
}

function asksHealth(set: RecordSetRow): boolean {
  return set.healthCheckId !== undefined || balancerOf(set) !== undefined;
}

const HEALTHY: ZoneHealth = { checks: new Set(), balancers: new Set() };

async function healthOf(tx: ReadTx, account: string): Promise<ZoneHealth> {
  const checks = await tx.list(healthChecks, { where: ['account', account] });
  const statuses = await tx.list(healthStatuses, { prefix: `${account}/` });
  const balancers = await tx.list(balancerHealth, { prefix: `${account}/` });
  return {
    checks: unhealthyChecks(checks, statuses),
    balancers: new Set(balancers.filter((row) => !row.healthy).map((row) => row.dnsName)),
  };
}
