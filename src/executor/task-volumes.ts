import type { Mount, VolumeSpec } from '../runtime/runtime.ts';
import { LABEL } from './labels.ts';
import type { TaskContainer, TaskSpec, TaskVolume } from './executor.ts';

/** Volumes of the engine that a container uses, itself or through another's. */
export function volumesOf(spec: TaskSpec, container: TaskContainer): readonly TaskVolume[] {
  const names = new Set(mountsOf(spec, container).map(({ volume }) => volume));
  return spec.volumes.filter(({ kind, name }) => kind !== 'bind' && names.has(name));
}

/** Whether the volume is made for the task, and goes with it. */
export function endsWithTask(volume: TaskVolume): boolean {
  return volume.kind === 'task' || (volume.kind === 'docker' && !volume.shared);
}

/** Of the engine: a shared volume has its own name on the host. */
export function engineVolumeName(spec: TaskSpec, volume: TaskVolume, instanceId: string): string {
  return endsWithTask(volume) ? `${volumePrefix(instanceId, spec.taskId)}${plain(volume.name)}` : volume.name;
}

/** How the engine's volumes that end with the task begin. */
export function volumePrefix(instanceId: string, taskId: string): string {
  return `ls-${instanceId}-${plain(taskId)}-`;
}

export function volumeSpec(spec: TaskSpec, volume: TaskVolume, instanceId: string): VolumeSpec {
  const name = engineVolumeName(spec, volume, instanceId);
  const own = endsWithTask(volume) ? { [LABEL.instance]: instanceId, [LABEL.task]: spec.taskArn } : {};
  if (volume.kind !== 'docker') return { name, labels: own };
  return { name, labels: { ...volume.labels, ...own }, driver: volume.driver, driverOptions: volume.driverOptions };
}

/** What a container sees of volumes and memory: its own mounts hide another's at the same path. */
export function containerMounts(spec: TaskSpec, container: TaskContainer, instanceId: string): readonly Mount[] {
  const volumes = new Map(spec.volumes.map((volume) => [volume.name, volume]));
  const mounts = mountsOf(spec, container).flatMap(({ volume: name, path, readOnly }): Mount[] => {
    const volume = volumes.get(name);
    if (!volume) return [];
    if (volume.kind === 'bind') return [{ kind: 'bind', source: volume.hostPath, target: path, readOnly }];
    return [{ kind: 'volume', source: engineVolumeName(spec, volume, instanceId), target: path, readOnly }];
  });
  const tmpfs = container.tmpfs.map(({ path, sizeBytes, options }): Mount => ({
    kind: 'tmpfs',
    target: path,
    sizeBytes,
    options,
  }));
  return [...mounts, ...tmpfs];
}

type ContainerMount = TaskContainer['mounts'][number];

function mountsOf(spec: TaskSpec, container: TaskContainer): readonly ContainerMount[] {
  return [...collectMounts(spec, container, new Set()).values()];
}

/** By path; `visited` ends a circle of `volumesFrom`. */
function collectMounts(
  spec: TaskSpec,
  container: TaskContainer,
  visited: ReadonlySet<string>,
): ReadonlyMap<string, ContainerMount> {
  const byPath = new Map<string, ContainerMount>();
  for (const { container: name, readOnly } of container.volumesFrom) {
    const source = spec.containers.find((one) => one.name === name);
    if (!source || visited.has(name)) continue;
    for (const mount of collectMounts(spec, source, new Set([...visited, container.name])).values()) {
      byPath.set(mount.path, { ...mount, readOnly: readOnly || mount.readOnly });
    }
  }
  for (const mount of container.mounts) byPath.set(mount.path, mount);
  return byPath;
}

/** As the engine takes it in a name. */
function plain(name: string): string {
  return name.replace(/[^a-zA-Z0-9_-]/g, '-');
}
