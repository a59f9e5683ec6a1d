import type { ContainerDefinition, Volume } from '@aws-sdk/client-ecs';
import { clientError, refuseUnsupported } from '../errors.ts';
import { NAME, invalidSetting, repeated } from './task-definition-rules.ts';
import type { Definition } from './task-definition-rules.ts';

/** Storage of services that are not here. */
const UNSUPPORTED = [
  'efsVolumeConfiguration',
  'fsxWindowsFileServerVolumeConfiguration',
  's3filesVolumeConfiguration',
  'configuredAtLaunch',
];

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_data_volumes.html */
export function checkVolumes({ volumes = [], containerDefinitions = [] }: Definition): void {
  volumes.forEach(checkVolume);
  const names = volumes.map((volume) => volume.name ?? '');
  const twice = repeated(names);
  if (twice !== undefined) throw clientError(`The volume name '${twice}' must be unique within a task definition.`);
  for (const container of containerDefinitions) {
    checkMounts(container, new Set(names));
    checkVolumesFrom(container, containerDefinitions);
  }
}

function checkVolume(volume: Volume): void {
  if (!NAME.test(volume.name ?? '')) {
    throw clientError(
      'Volume.name contains invalid characters. Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed.',
    );
  }
  refuseUnsupported(volume, UNSUPPORTED, `volumes[${volume.name}].`);
  const { host, dockerVolumeConfiguration: docker } = volume;
  if (host?.sourcePath === '') throw clientError('host.sourcePath should not be blank.');
  if (host?.sourcePath && docker) {
    throw clientError(`Only one type of volume configuration can be specified for the volume '${volume.name}'.`);
  }
  if (docker?.scope !== 'shared' && docker?.autoprovision !== undefined) {
    throw clientError(`autoprovision can only be specified for the volume '${volume.name}' if its scope is shared.`);
  }
}

function checkMounts(container: ContainerDefinition, names: ReadonlySet<string>): void {
  const mounts = container.mountPoints ?? [];
  for (const { sourceVolume, containerPath } of mounts) {
    if (!names.has(sourceVolume ?? '')) throw clientError(`Unknown volume '${sourceVolume ?? null}'.`);
    if (!containerPath) throw clientError('mountPoint.containerPath should not be null or empty.');
    if (!containerPath.startsWith('/')) {
      throw invalidSetting(container, `The container path '${containerPath}' must be absolute.`);
    }
  }
  const tmpfs = container.linuxParameters?.tmpfs ?? [];
  const twice = repeated([...mounts, ...tmpfs].map((mount) => mount.containerPath?.replace(/(?<=.)\/$/, '')));
  if (twice !== undefined) throw invalidSetting(container, `The container path '${twice}' is used more than once.`);
}

function checkVolumesFrom(container: ContainerDefinition, containers: readonly ContainerDefinition[]): void {
  for (const { sourceContainer } of container.volumesFrom ?? []) {
    if (!containers.some(({ name }) => name === sourceContainer && name !== container.name)) {
      throw clientError(
        `Unknown container '${sourceContainer ?? null}' in volumesFrom of container '${container.name}'.`,
      );
    }
  }
}

/** As DescribeTaskDefinition shows a volume that says nothing but its name. */
export function withVolumeDefaults(volume: Volume): Volume {
  const isPlain = Object.keys(volume).every((member) => member === 'name');
  return isPlain ? { ...volume, host: {} } : volume;
}
