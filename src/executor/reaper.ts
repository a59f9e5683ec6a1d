import type { ContainerState } from '../runtime/runtime.ts';
import { LABEL } from './labels.ts';
import type { HostWorld } from './task-world.ts';
import { volumePrefix } from './task-volumes.ts';

type Host = Pick<HostWorld, 'runtime' | 'network' | 'cgroups' | 'networkFiles' | 'instanceId' | 'log'>;

/**
 * Removes what is left of tasks that nobody knows: containers, then volumes, control groups and files.
 * @param known ARNs, asked for again before each removal: a task may begin meanwhile
 */
export async function removeUnknown(host: Host, known: () => ReadonlySet<string>): Promise<void> {
  const { runtime, instanceId, log } = host;
  const states = await runtime.list({ [LABEL.instance]: instanceId });
  const byTask = Map.groupBy(states, ({ labels }) => labels[LABEL.task]);
  for (const [taskArn, containers] of byTask) {
    if (taskArn === undefined || known().has(taskArn)) continue;
    log.info('removing a task that the control plane does not know', { task: taskArn });
    await removeContainers(host, containers);
  }
  // One that is in use by a stranger must not keep the others.
  const results = await Promise.allSettled([
    removeUnknownVolumes(host, known),
    removeUnknownById(host.cgroups, known),
    ...(host.networkFiles ? [removeUnknownById(host.networkFiles, known)] : []),
  ]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function removeContainers({ runtime, network }: Host, containers: readonly ContainerState[]): Promise<void> {
  // The pause container goes last: its labels say which interface is still to be unplugged.
  const isPause = ({ labels }: ContainerState) => labels[LABEL.role] === 'pause';
  await Promise.all(containers.filter((one) => !isPause(one)).map(({ id }) => runtime.remove(id)));
  for (const { id, labels } of containers.filter(isPause)) {
    const vpcId = labels[LABEL.vpc];
    const interfaceId = labels[LABEL.interface];
    if (vpcId && interfaceId) await network.unplug(vpcId, interfaceId);
    await runtime.remove(id);
  }
}

/** A volume's name says whose it is; shared ones do not carry the label. */
async function removeUnknownVolumes({ runtime, instanceId }: Host, known: () => ReadonlySet<string>): Promise<void> {
  for (const name of await runtime.listVolumes({ [LABEL.instance]: instanceId })) {
    const isKnown = [...known()].some((taskArn) => name.startsWith(volumePrefix(instanceId, taskIdOf(taskArn))));
    if (!isKnown) await runtime.removeVolume(name);
  }
}

async function removeUnknownById(
  held: Pick<Host['cgroups'], 'list' | 'remove'>,
  known: () => ReadonlySet<string>,
): Promise<void> {
  for (const taskId of await held.list()) {
    const isKnown = [...known()].some((taskArn) => taskIdOf(taskArn) === taskId);
    if (!isKnown) await held.remove(taskId);
  }
}

function taskIdOf(taskArn: string): string {
  return taskArn.slice(taskArn.lastIndexOf('/') + 1);
}
