import type { ServiceEnvironment } from '../../../api/service.ts';
import type { CapacityLook } from '../capacity-look.ts';
import type { EcsPorts } from '../operation.ts';

type Env = ServiceEnvironment<EcsPorts>;

/** As many as SetInstanceProtection takes. */
const MOST_IDS = 50;

/**
 * Managed termination protection: an instance with a task that is no daemon's is not scaled in. New instances are born
 * protected; one that is not in the cluster yet stays so.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-termination-protection.html
 */
export async function protectBusy(env: Env, { provider, group, instances }: CapacityLook): Promise<void> {
  if (provider.settings.managedTerminationProtection === 'DISABLED') return;
  const known = instances.filter((one) => one.isRegistered && !one.isTerminating);
  for (const isProtected of [true, false]) {
    const wrong = known.filter((one) => one.isBusy === isProtected && one.isProtected !== isProtected);
    for (let at = 0; at < wrong.length; at += MOST_IDS) {
      await env.callIn(provider)('autoscaling', 'SetInstanceProtection', {
        AutoScalingGroupName: group.AutoScalingGroupName ?? '',
        InstanceIds: wrong.slice(at, at + MOST_IDS).map((one) => one.ec2InstanceId),
        ProtectedFromScaleIn: isProtected,
      });
    }
  }
}
