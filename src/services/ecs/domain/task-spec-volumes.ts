import type { Volume } from '@aws-sdk/client-ecs';
import type { TaskVolume } from '../../../executor/executor.ts';

/**
 * A volume that names no place on the host lives as long as its task.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_data_volumes.html
 */
export function taskVolumes(volumes: readonly Volume[]): TaskVolume[] {
  return volumes.map((volume) => {
    const name = volume.name ?? '';
    const { dockerVolumeConfiguration: docker, host } = volume;
    if (docker) {
      const shared = docker.scope === 'shared';
      return {
        kind: 'docker',
        name,
        shared,
        autoprovision: !shared || (docker.autoprovision ?? false),
        driver: docker.driver ?? 'local',
        driverOptions: docker.driverOpts ?? {},
        labels: docker.labels ?? {},
      };
    }
    return host?.sourcePath ? { kind: 'bind', name, hostPath: host.sourcePath } : { kind: 'task', name };
  });
}
