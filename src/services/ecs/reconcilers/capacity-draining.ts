import type { ServiceEnvironment } from '../../../api/service.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { CapacityLook } from '../capacity-look.ts';
import { DRAINING_HOOK } from '../capacity-provider-tables.ts';
import { drained } from '../container-instance-states.ts';
import { containerInstances } from '../container-instance-tables.ts';
import type { ContainerInstanceRow } from '../container-instance-tables.ts';
import type { EcsPorts } from '../operation.ts';

type Env = ServiceEnvironment<EcsPorts>;

/**
 * Managed draining: an instance that its group terminates drains first, and goes once its tasks have left, daemons aside.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instance-draining.html
 */
export async function drainTerminating(
  env: Env,
  { provider, group, instances }: CapacityLook,
  isHeartbeat: boolean,
): Promise<void> {
  if (provider.settings.managedDraining === 'DISABLED') return;
  for (const instance of instances.filter((one) => one.isHeld)) {
    for (const row of instance.rows) await beginDraining(env, row);
    const named = {
      AutoScalingGroupName: group.AutoScalingGroupName ?? '',
      LifecycleHookName: DRAINING_HOOK,
      InstanceId: instance.ec2InstanceId,
    };
    const call = env.callIn(provider);
    try {
      if (instance.isBusy && isHeartbeat) await call('autoscaling', 'RecordLifecycleActionHeartbeat', named);
      if (!instance.isBusy)
        await call('autoscaling', 'CompleteLifecycleAction', { ...named, LifecycleActionResult: 'CONTINUE' });
    } catch (error) {
      // It waits for another hook, or has gone on.
      if (!(error instanceof ServiceError && error.code === 'ValidationError')) throw error;
    }
  }
}

async function beginDraining(env: Env, row: ContainerInstanceRow): Promise<void> {
  if (row.status !== 'ACTIVE') return;
  await env.store.write(async (tx) => {
    const current = await tx.get(containerInstances, row.arn);
    if (current?.status === 'ACTIVE') await drained(tx, current, env.clock.now());
  });
}
