import type { ServiceEnvironment } from '../../../api/service.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { Plan, Reconciler } from '../../../reconcile/reconciler.ts';
import type { WriteTx } from '../../../store/store.ts';
import { makeZone, removeZone, writeZone } from '../hosted-zone.ts';
import { wantedRecords } from '../domain/namespace-records.ts';
import type { ServiceDiscoveryPorts } from '../operation.ts';
import { instances, isOpen, namespaces, operationIdKey, operations, services } from '../tables.ts';
import type { InstanceRow, NamespaceRow, OperationRow, ServiceRow } from '../tables.ts';

type Env = ServiceEnvironment<ServiceDiscoveryPorts>;

interface Observed {
  readonly namespace: NamespaceRow;
  readonly services: readonly ServiceRow[];
  readonly instances: readonly InstanceRow[];
  /** Operations that are not done. */
  readonly open: readonly OperationRow[];
}

type Action = { readonly type: 'begin' | 'write-records' | 'make-zone' | 'delete' | 'finish' } & Observed;

const RESYNC_MS = 300_000;

/**
 * Carries out what is asked of a namespace and all in it, and brings its hosted zone to its healthy instances.
 *
 *   CREATING --(hosted zone)--> ACTIVE --DeleteNamespace--> DELETING --(no zone)--> gone
 */
export function namespaceReconciler(env: Env): Reconciler<Observed, Action> {
  return {
    name: 'servicediscovery.namespace',
    resyncEveryMs: RESYNC_MS,
    keys(change) {
      if (change.table === namespaces.name) return [change.key];
      const concerned = [services.name, instances.name, operations.name].includes(change.table);
      return concerned ? (change.indexes['namespace'] ?? []) : [];
    },
    allKeys: async (tx) => (await tx.list(namespaces)).map((row) => row.arn),
    async observe(tx, key) {
      const namespace = await tx.get(namespaces, key);
      if (!namespace) return undefined;
      return {
        namespace,
        services: await tx.list(services, { where: ['namespace', key] }),
        instances: await tx.list(instances, { where: ['namespace', key] }),
        open: await tx.list(operations, { where: ['open', key] }),
      };
    },
    plan: planNamespace,
    apply: (action) => apply(env, action),
  };
}

function planNamespace(observed: Observed): Plan<Action> {
  const { namespace, open } = observed;
  const actions: Action[] = [];
  if (open.some(({ status }) => status === 'SUBMITTED')) actions.push({ type: 'begin', ...observed });
  if (namespace.status === 'DELETING') {
    return { actions: [...actions, { type: 'delete', ...observed }], why: 'It is deleted, its hosted zone first.' };
  }
  if (namespace.status === 'CREATING') {
    return { actions: [...actions, { type: 'make-zone', ...observed }], why: 'It needs its hosted zone.' };
  }
  if (namespace.hostedZoneId !== undefined) actions.push({ type: 'write-records', ...observed });
  if (open.length > 0) actions.push({ type: 'finish', ...observed });
  return { actions, why: `It stands; ${open.length} operations are to be done.` };
}

async function apply(env: Env, action: Action): Promise<void> {
  const { namespace, open } = action;
  const call = env.callIn(namespace, { sourceArn: namespace.arn });
  switch (action.type) {
    case 'begin':
      return settle(env, open, { status: 'PENDING' });
    case 'make-zone':
      return makeNamespace(env, action);
    case 'write-records': {
      const wanted = wantedRecords(namespace, action.services, action.instances);
      const { hostedZoneId = '', soaTtlSeconds } = namespace;
      return orFail(env, action, () => writeZone(call, hostedZoneId, wanted, soaTtlSeconds));
    }
    case 'finish':
      return settle(env, open, { status: 'SUCCESS' });
    case 'delete':
      if (namespace.hostedZoneId !== undefined) await removeZone(call, namespace.hostedZoneId);
      return settle(env, open, { status: 'SUCCESS' }, (tx) => tx.delete(namespaces, namespace.arn));
  }
}

/** A namespace whose hosted zone cannot be made is none. */
async function makeNamespace(env: Env, action: Action): Promise<void> {
  const { namespace, open } = action;
  const call = env.callIn(namespace, { sourceArn: namespace.arn });
  const forget = (tx: WriteTx) => tx.delete(namespaces, namespace.arn);
  const make = async () => {
    const hostedZoneId = namespace.type === 'HTTP' ? undefined : await makeZone(call, namespace);
    if (hostedZoneId !== undefined) await writeZone(call, hostedZoneId, [], namespace.soaTtlSeconds);
    await settle(env, open, { status: 'SUCCESS' }, async (tx) => {
      const row = await tx.get(namespaces, namespace.arn);
      if (row?.status !== 'CREATING') return;
      await tx.put(namespaces, { ...row, status: 'ACTIVE', ...(hostedZoneId !== undefined && { hostedZoneId }) });
    });
  };
  return orFail(env, action, make, forget);
}

/** What Route 53 refuses fails the operations that it was for; what may pass is tried again. */
async function orFail(
  env: Env,
  { namespace, open }: Observed,
  work: () => Promise<void>,
  onFailure?: (tx: WriteTx) => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ServiceError) || error.httpStatus >= 500) throw error;
    env.log.warn('Route 53 refused what a namespace needs.', { namespace: namespace.arn, error: error.message });
    await settle(
      env,
      open,
      { status: 'FAIL', error: { code: failureCode(error, namespace), message: error.message } },
      onFailure,
    );
  }
}

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_Operation.html */
function failureCode({ code }: ServiceError, { status }: NamespaceRow): string {
  if (code.startsWith('AccessDenied')) return 'ACCESS_DENIED';
  if (code === 'InvalidChangeBatch') return 'INVALID_CHANGE_BATCH';
  if (code === 'NoSuchHostedZone') return 'HOSTED_ZONE_NOT_FOUND';
  if (code.startsWith('Throttl')) return 'THROTTLED_REQUEST';
  return status === 'CREATING' ? 'CANNOT_CREATE_HOSTED_ZONE' : 'INTERNAL_FAILURE';
}

/** Gives those of the operations that are still open their new status, and writes what goes with it. */
async function settle(
  env: Env,
  open: readonly OperationRow[],
  change: Pick<OperationRow, 'status' | 'error'>,
  write?: (tx: WriteTx) => Promise<void>,
): Promise<void> {
  if (open.length === 0 && !write) return;
  const updatedAtMs = env.clock.now();
  await env.store.write(async (tx) => {
    await write?.(tx);
    for (const { account, region, id } of open) {
      const [row] = await tx.list(operations, { where: ['id', operationIdKey({ account, region }, id)], limit: 1 });
      if (!row || !isOpen(row) || row.status === change.status) continue;
      await tx.put(operations, { ...row, ...change, updatedAtMs });
    }
  });
}
