import type { ContainerState } from '../runtime/runtime.ts';
import { LABEL } from './labels.ts';
import type { HostWorld } from './task-world.ts';
import { volumePrefix } from './task-volumes.ts';

type Host = Pick<HostWorld, 'runtime' | 'network' | 'cgroups' | 'networkFiles' | 'instanceId' | 'log'>;

/**
 * Removes what is left of tasks that nobody knows: containers, then volumes, control groups and files. What cannot be removed
 * now, since a stranger uses it, keeps nothing but what it uses itself: the first such failure is thrown at the end.
 * @param known ARNs, asked for again before each removal: a task may begin meanwhile
 */
export async function removeUnknown(host: Host, known: () => ReadonlySet<string>): Promise<void> {
  const { runtime, cgroups, networkFiles, instanceId } = host;
  // Without it nobody knows whose control groups are in use, and to find out takes seconds for each.
  const states = await runtime.list({ [LABEL.instance]: instanceId });
  const stuck = new Set<string>();
  const kept = () => known().union(stuck);
  const steps = [
    () => removeUnknownTasks(host, states, { known, stuck }),
    () => removeUnknownVolumes(host, kept),
    () => removeUnknownById(cgroups, kept),
    ...(networkFiles ? [() => removeUnknownById(networkFiles, kept)] : []),
  ];
  await tryEach(steps, (step) => step());
}

/** @param tasks.stuck takes the ARNs of those of which a container is left */
async function removeUnknownTasks(
  host: Host,
  states: readonly ContainerState[],
  { known, stuck }: { readonly known: () => ReadonlySet<string>; readonly stuck: Set<string> },
): Promise<void> {
  await tryEach(
    Map.groupBy(states, ({ labels }) => labels[LABEL.task]),
    async ([taskArn, containers]) => {
      if (taskArn === undefined || known().has(taskArn)) return;
      host.log.info('removing a task that the control plane does not know', { task: taskArn });
      stuck.add(taskArn);
      await removeContainers(host, containers);
      stuck.delete(taskArn);
    },
  );
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
  await tryEach(await runtime.listVolumes({ [LABEL.instance]: instanceId }), async (name) => {
    const isKnown = [...known()].some((taskArn) => name.startsWith(volumePrefix(instanceId, taskIdOf(taskArn))));
    if (!isKnown) await runtime.removeVolume(name);
  });
}

async function removeUnknownById(
  held: Pick<Host['cgroups'], 'list' | 'remove'>,
  known: () => ReadonlySet<string>,
): Promise<void> {
  await tryEach(await held.list(), async (taskId) => {
    const isKnown = [...known()].some((taskArn) => taskIdOf(taskArn) === taskId);
    if (!isKnown) await held.remove(taskId);
  });
}

function taskIdOf(taskArn: string): string {
  return taskArn.slice(taskArn.lastIndexOf('/') + 1);
}

/** One after another, those after a failed one too; then throws the first failure. */
async function tryEach<T>(items: Iterable<T>, act: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) {
    try {
      await act(item);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
