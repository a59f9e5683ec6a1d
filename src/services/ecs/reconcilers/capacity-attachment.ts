import type { ServiceEnvironment } from '../../../api/service.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { Stored, WriteTx } from '../../../store/store.ts';
import {
  DRAINING_HOOK,
  attachmentKey,
  capacityAttachments,
  capacityProviders,
  policyNameOf,
} from '../capacity-provider-tables.ts';
import type { CapacityAttachmentRow, GroupProviderRow } from '../capacity-provider-tables.ts';
import { clusterNameOf } from '../domain/references.ts';
import type { EcsPorts } from '../operation.ts';

const RESYNC_MS = 300_000;
/** A heartbeat comes more often while an instance drains: this ends it where nobody does. */
const HOOK_SECONDS = 3600;

type Env = ServiceEnvironment<EcsPorts>;

interface Observed {
  readonly row: Stored<CapacityAttachmentRow>;
  readonly provider: GroupProviderRow;
  /** Another cluster's instances are drained by the same hook. */
  readonly isHookShared: boolean;
}

type Action = Observed & { readonly type: 'arrange' };

/** Puts the scaling policy and the draining hook of a cluster's capacity providers on their groups, and takes them off. */
export function capacityAttachmentReconciler(env: Env): Reconciler<Observed, Action> {
  return {
    name: 'ecs.capacity-attachment',
    resyncEveryMs: RESYNC_MS,
    keys: (change) => (change.table === capacityAttachments.name ? [change.key] : []),
    allKeys: async (tx) =>
      (await tx.list(capacityAttachments)).map((row) => attachmentKey(row.clusterArn, row.providerName)),
    async observe(tx, key) {
      const row = await tx.get(capacityAttachments, key);
      const provider = row && (await tx.get(capacityProviders, row.providerArn));
      if (!row || !provider || provider.managedInstances) return undefined;
      const all = await tx.list(capacityAttachments, { where: ['provider', row.providerArn] });
      const isHookShared = all.some((one) => one.clusterArn !== row.clusterArn && one.hasHook && !one.isLeaving);
      return { row, provider, isHookShared };
    },
    plan(observed) {
      const { row } = observed;
      if (!row.isDue) return { actions: [], why: `${row.groupName} has what ${row.providerName} needs` };
      return {
        actions: [{ ...observed, type: 'arrange' }],
        why: `${row.groupName} is arranged for ${row.providerName}`,
      };
    },
    apply: (action) => arrange(env, action),
  };
}

async function arrange(env: Env, action: Action): Promise<void> {
  const { row, provider } = action;
  const { managedScaling, managedDraining } = provider.settings;
  const hasPolicy = !row.isLeaving && managedScaling.status === 'ENABLED';
  const hasHook = !row.isLeaving && managedDraining === 'ENABLED';
  let failure: string | undefined;
  try {
    await arrangePolicy(env, action, hasPolicy);
    await arrangeHook(env, action, hasHook);
  } catch (error) {
    if (!(error instanceof ServiceError) || error.httpStatus >= 500) throw error;
    // What is left behind must come off.
    if (row.isLeaving) throw error;
    failure = error.message;
  }
  await env.store.write(async (tx) => {
    const current = await tx.get(capacityAttachments, attachmentKey(row.clusterArn, row.providerName));
    // What was asked for meanwhile comes next.
    if (current?.revision !== row.revision) return;
    const { isDue: _due, failure: _failure, ...rest } = current;
    if (row.isLeaving) await tx.delete(capacityAttachments, capacityAttachments.key(row));
    else if (failure === undefined) await tx.put(capacityAttachments, { ...rest, hasPolicy, hasHook });
    else await tx.put(capacityAttachments, { ...rest, failure });
    await endUpdate(tx, row.providerArn, failure);
  });
}

async function arrangePolicy(env: Env, { row, provider }: Action, isWanted: boolean): Promise<void> {
  const call = env.callIn(row);
  const named = { AutoScalingGroupName: row.groupName, PolicyName: policyNameOf(row) };
  if (!isWanted) {
    if (row.hasPolicy) await unlessGone(call('autoscaling', 'DeletePolicy', named));
    return;
  }
  const { targetCapacity, instanceWarmupPeriod } = provider.settings.managedScaling;
  await call('autoscaling', 'PutScalingPolicy', {
    ...named,
    PolicyType: 'TargetTrackingScaling',
    EstimatedInstanceWarmup: instanceWarmupPeriod,
    TargetTrackingConfiguration: {
      CustomizedMetricSpecification: {
        MetricName: 'CapacityProviderReservation',
        Namespace: 'AWS/ECS/ManagedScaling',
        Dimensions: [
          { Name: 'CapacityProviderName', Value: row.providerName },
          { Name: 'ClusterName', Value: clusterNameOf(row.clusterArn) },
        ],
        Statistic: 'Average',
        ...periodOf(env.ports.managedScalingPeriodMs),
      },
      TargetValue: targetCapacity,
      DisableScaleIn: false,
    },
  });
}

/** AWS's, a minute, is left out. */
function periodOf(periodMs: number): { readonly Period?: number } {
  return periodMs === 60_000 ? {} : { Period: periodMs / 1000 };
}

async function arrangeHook(env: Env, { row, isHookShared }: Action, isWanted: boolean): Promise<void> {
  const call = env.callIn(row);
  const named = { AutoScalingGroupName: row.groupName, LifecycleHookName: DRAINING_HOOK };
  if (isWanted) {
    await call('autoscaling', 'PutLifecycleHook', {
      ...named,
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      HeartbeatTimeout: HOOK_SECONDS,
      DefaultResult: 'CONTINUE',
    });
  } else if (row.hasHook && !isHookShared) {
    await unlessGone(call('autoscaling', 'DeleteLifecycleHook', named));
  }
}

/** Somebody may have deleted it, or the whole group. */
async function unlessGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'ValidationError')) throw error;
  }
}

/** A provider is updated once all of its clusters have followed. */
async function endUpdate(tx: WriteTx, providerArn: string, failure: string | undefined): Promise<void> {
  const provider = await tx.get(capacityProviders, providerArn);
  if (provider?.updateStatus !== 'UPDATE_IN_PROGRESS') return;
  const rows = await tx.list(capacityAttachments, { where: ['provider', providerArn] });
  if (rows.some((row) => row.isDue)) return;
  const reason = failure ?? rows.find((row) => row.failure !== undefined)?.failure;
  await tx.put(capacityProviders, {
    ...provider,
    updateStatus: reason === undefined ? 'UPDATE_COMPLETE' : 'UPDATE_FAILED',
    ...(reason !== undefined && { updateStatusReason: reason }),
  });
}
