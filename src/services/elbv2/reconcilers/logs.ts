import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ServiceEnvironment } from '../../../api/service.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { LogEntry, LogSource } from '../../../loadbalancer/log-entries.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { Stored } from '../../../store/store.ts';
import { accessLogEntry } from '../domain/access-log-entry.ts';
import { connectionLogEntry } from '../domain/connection-log-entry.ts';
import { healthCheckLogEntry } from '../domain/health-check-log-entry.ts';
import { logFileKey, uniqueString } from '../domain/log-file.ts';
import { putLogFile } from '../log-buckets.ts';
import { endOf } from '../log-deliveries.ts';
import type { Elbv2Ports } from '../operation.ts';
import { logDeliveries, logDeliveryKey, type LogDeliveryRow } from '../tables.ts';

export interface DeliverLogs {
  readonly type: 'deliver-logs';
  readonly key: string;
}

type Environment = ServiceEnvironment<Elbv2Ports>;
type Delivery = Stored<LogDeliveryRow>;

const UNIQUE_LETTERS = 8;
/** A bucket that takes nothing for so long loses what was to be delivered. */
const GIVE_UP_AFTER_MS = 24 * 60 * 60_000;
/** Requests that were under way end in this time, or are not told. */
const LINGER_MS = 60_000;

const pack = promisify(gzip);

/**
 * Delivers what load balancers have logged, at the end of every interval and when they are deleted. Files are named in the
 * row before they are written, and the position moves on once they are: after a crash the same files are written again.
 */
export function logsReconciler(env: Environment): Reconciler<Delivery, DeliverLogs> {
  return {
    name: 'elbv2.logs',
    resyncEveryMs: 60_000,
    keys: (change) => (change.table === logDeliveries.name ? [change.key] : []),
    allKeys: async (tx) => (await tx.list(logDeliveries)).map(logDeliveryKey),
    observe: (tx, key) => tx.get(logDeliveries, key),
    plan(row, now) {
      const what = `The ${row.kind.replace('_', ' ')} logs of ${row.loadBalancer}`;
      if (now < row.nextAtMs) return { actions: [], wakeAt: row.nextAtMs, why: `${what} are not due yet.` };
      return { actions: [{ type: 'deliver-logs', key: logDeliveryKey(row) }], why: `${what} are due.` };
    },
    async apply({ key }) {
      const beganAtMs = env.clock.now();
      for (;;) {
        const row = await env.store.read((tx) => tx.get(logDeliveries, key));
        if (!row) return;
        if (!(await deliverSome(env, row))) break;
      }
      await finish(env, key, beganAtMs);
    },
  };
}

/** One page of the log. Answers whether more is waiting. */
async function deliverSome(env: Environment, row: Delivery): Promise<boolean> {
  const { plane } = env.ports;
  const range = { after: row.position, upTo: row.pending?.upTo };
  const page = await plane.readLogs(row.vpcId, row.loadBalancerId, range, sourceOf(row));
  if (page.next === undefined || (page.next === row.position && !row.pending)) return false;
  const byNode = linesByNode(row, page.entries);
  const pending = row.pending ?? {
    upTo: page.next,
    endMs: Math.max(row.sinceMs, Math.min(env.clock.now(), row.nextAtMs)),
    unique: uniqueString(env.ids.bytes(UNIQUE_LETTERS)),
  };
  if (byNode.size > 0 && !row.pending) await update(env, row, (now) => ({ ...now, pending }));
  try {
    for (const [node, lines] of byNode) {
      const key = logFileKey(row, { endMs: pending.endMs, node, unique: pending.unique });
      const body = await pack(Buffer.from(lines.map((line) => `${line}\n`).join('')));
      const loadBalancer = { arn: row.loadBalancerArn, account: row.account, region: row.region };
      const file = { bucket: row.bucket, key, body, contentType: 'application/octet-stream' };
      await putLogFile(env.ports.logs.callIn, loadBalancer, file);
    }
  } catch (error) {
    if (!(await refused(env, row, error))) return false;
  }
  await update(env, row, (now) => delivered(now, pending.upTo));
  return row.pending !== undefined || page.more;
}

function linesByNode(row: LogDeliveryRow, entries: readonly LogEntry[]): ReadonlyMap<string, readonly string[]> {
  const lines = new Map<string, string[]>();
  for (const entry of entries) {
    if (entry.atUs < row.sinceMs * 1000) continue;
    const line = lineOf(row, entry);
    if (line === undefined) continue;
    const known = lines.get(entry.node);
    if (known) known.push(line);
    else lines.set(entry.node, [line]);
  }
  return lines;
}

function lineOf({ kind, loadBalancer }: LogDeliveryRow, entry: LogEntry): string | undefined {
  if (entry.type === 'request') return kind === 'access' ? accessLogEntry(loadBalancer, entry) : undefined;
  if (entry.type === 'connection') return kind === 'connection' ? connectionLogEntry(loadBalancer, entry) : undefined;
  return kind === 'health_check' ? healthCheckLogEntry(loadBalancer, entry) : undefined;
}

function sourceOf({ kind }: Pick<LogDeliveryRow, 'kind'>): LogSource {
  return kind === 'health_check' ? 'health-checks' : 'requests';
}

function delivered(row: LogDeliveryRow, position: string): LogDeliveryRow {
  const { pending: _, failing: __, ...rest } = row;
  return { ...rest, position };
}

/** Keeps why the bucket takes nothing, until the next attempt. Answers whether it is given up. */
async function refused(env: Environment, row: Delivery, error: unknown): Promise<boolean> {
  if (!(error instanceof ServiceError)) throw error;
  const now = env.clock.now();
  const failing = { sinceMs: row.failing?.sinceMs ?? now, reason: `${error.code}: ${error.message}` };
  const { loadBalancer, bucket, kind } = row;
  env.log.warn('a load balancer cannot deliver its logs', { loadBalancer, kind, bucket, reason: failing.reason });
  if (now - failing.sinceMs > GIVE_UP_AFTER_MS) return true;
  await update(env, row, (it) => ({ ...it, failing }));
  return false;
}

/** The next interval; or the end of what has ended, some time after. */
async function finish(env: Environment, key: string, beganAtMs: number): Promise<void> {
  const { plane, logs } = env.ports;
  const left = await env.store.write(async (tx) => {
    const row = await tx.get(logDeliveries, key);
    if (!row) return undefined;
    const lingersUntil = row.endedAtMs === undefined ? Infinity : row.endedAtMs + Math.min(LINGER_MS, logs.intervalMs);
    const isOver = beganAtMs >= lingersUntil && !row.failing;
    if (isOver) await tx.delete(logDeliveries, key);
    else await tx.put(logDeliveries, { ...row, nextAtMs: nextAfter(beganAtMs, lingersUntil, logs.intervalMs) });
    const ofVpc = await tx.list(logDeliveries, { where: ['vpc', row.vpcId] });
    const others = ofVpc.filter((it) => sourceOf(it) === sourceOf(row));
    return { row, positions: (isOver && others.length === 0 ? [row] : others).map((it) => it.position) };
  });
  if (!left) return;
  // Somebody who has read nothing yet needs everything.
  const [first] = left.positions.map((position) => position ?? '').toSorted(byText);
  if (first) await plane.forgetLogs(left.row.vpcId, first, sourceOf(left.row));
}

const byText = (a: string, b: string) => (a < b ? -1 : Number(a > b));

function nextAfter(beganAtMs: number, lingersUntil: number, intervalMs: number): number {
  const next = endOf(beganAtMs, intervalMs);
  return beganAtMs < lingersUntil ? Math.min(next, lingersUntil) : next;
}

async function update(
  env: Environment,
  row: LogDeliveryRow,
  change: (row: LogDeliveryRow) => LogDeliveryRow,
): Promise<void> {
  await env.store.write(async (tx) => {
    const now = await tx.get(logDeliveries, logDeliveryKey(row));
    if (now) await tx.put(logDeliveries, { ...change(now), revision: now.revision });
  });
}
