import type { Clock } from '../../../kernel/clock.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { Store } from '../../../store/store.ts';
import type { HealthProbe, ProbeResult } from '../health-probe.ts';
import { checkKey, healthChecks, healthStatuses } from '../health-tables.ts';
import type { HealthCheckRow, HealthStatusRow, ProbeConfig } from '../health-tables.ts';

const RESYNC_MS = 300_000;
/** A status that stays as it is is written this often, so that its time is not too old. */
const REWRITE_MS = 60_000;

interface Observed {
  readonly key: string;
  readonly probe?: ProbeConfig;
  readonly version: number;
  readonly probed?: Memory;
}

/** What is remembered between probes: a restart costs no more than a streak. */
interface Memory {
  readonly version: number;
  readonly atMs: number;
  /** How many probes in a row differed from the status. */
  readonly streak: number;
}

type Action =
  | { readonly type: 'probe'; readonly key: string; readonly probe: ProbeConfig; readonly version: number }
  | { readonly type: 'forget'; readonly key: string };

/** Probes each endpoint at its interval; after as many results in a row as the threshold says, its status changes. */
export function healthCheckReconciler(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  probe: HealthProbe,
): Reconciler<Observed, Action> {
  const memories = new Map<string, Memory>();
  return {
    name: 'route53.health-check',
    resyncEveryMs: RESYNC_MS,
    keys: (change) => (change.table === healthChecks.name ? [change.key] : []),
    allKeys: async (tx) => (await tx.list(healthChecks)).map(checkKey),
    async observe(tx, key) {
      const row = await tx.get(healthChecks, key);
      const probed = memories.get(key);
      return { key, ...probeOf(row), version: row?.version ?? 0, ...(probed && { probed }) };
    },
    plan({ key, probe: config, version, probed }, now) {
      if (!config) return { actions: [{ type: 'forget', key }], why: 'There is nothing to probe.' };
      const intervalMs = config.intervalSeconds * 1000;
      const dueAt = probed?.version === version ? probed.atMs + intervalMs : now;
      if (now < dueAt) return { actions: [], wakeAt: dueAt, why: 'The endpoint was probed a moment ago.' };
      return {
        actions: [{ type: 'probe', key, probe: config, version }],
        wakeAt: now + intervalMs,
        why: 'The endpoint is due for a probe.',
      };
    },
    async apply(action) {
      const { key } = action;
      if (action.type === 'forget') {
        memories.delete(key);
        await store.write((tx) => tx.delete(healthStatuses, key));
        return;
      }
      const atMs = clock.now();
      const result = await probe(action.probe);
      const before = memories.get(key);
      const streak = before?.version === action.version ? before.streak : 0;
      const next = await note(store, action, { result, atMs: clock.now(), streak });
      memories.set(key, { version: action.version, atMs, streak: next });
    },
  };
}

function probeOf(row: HealthCheckRow | undefined): { readonly probe?: ProbeConfig } {
  return row?.config.probe && !row.config.disabled ? { probe: row.config.probe } : {};
}

/** Writes what the probe found; answers how many in a row differ from the status now. */
async function note(
  store: Store,
  { key, probe }: Extract<Action, { type: 'probe' }>,
  found: { readonly result: ProbeResult; readonly atMs: number; readonly streak: number },
): Promise<number> {
  const { result, atMs } = found;
  return store.write(async (tx) => {
    const check = await tx.get(healthChecks, key);
    if (!check) return 0;
    const before = await tx.get(healthStatuses, key);
    const was = before?.healthy ?? true;
    const streak = result.ok === was ? 0 : found.streak + 1;
    const changes = streak >= probe.failureThreshold;
    const row: HealthStatusRow = {
      account: check.account,
      checkId: check.checkId,
      healthy: changes ? result.ok : was,
      report: result.report,
      checkedAtMs: atMs,
      ...failureOf(result, atMs, before),
    };
    const isOld = !before || atMs - before.checkedAtMs >= REWRITE_MS;
    if (isOld || changes || before.report !== row.report) {
      await tx.put(healthStatuses, before ? { ...row, revision: before.revision } : row);
    }
    return changes ? 0 : streak;
  });
}

function failureOf(
  result: ProbeResult,
  atMs: number,
  before: HealthStatusRow | undefined,
): Pick<HealthStatusRow, 'lastFailure'> {
  if (!result.ok) return { lastFailure: { report: result.report, checkedAtMs: atMs } };
  return before?.lastFailure ? { lastFailure: before.lastFailure } : {};
}
