import { parseArn } from '../kernel/arn.ts';
import { RuntimeError } from '../kernel/errors.ts';
import type { TaskSpec } from './executor.ts';
import { LABEL } from './labels.ts';
import type { ResolvedSecrets, SecretsRequest } from './secrets.ts';
import type { TaskWorld } from './task-world.ts';
import { volumeSpec } from './task-volumes.ts';

/** Makes the task's control group. Without `parent` where this host cannot have one. */
export async function ensureCgroup(
  { cgroups }: Pick<TaskWorld, 'cgroups'>,
  { taskId, instanceId, cpuUnits, memoryBytes }: TaskSpec,
): Promise<{ readonly parent?: string }> {
  // Containers of a task without a size share the instance with all others, each by its own shares.
  if (instanceId !== undefined && cpuUnits === undefined && memoryBytes === undefined) return {};
  const parent = await cgroups.ensure(taskId, {
    ...(cpuUnits === undefined ? {} : { cpuUnits }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  });
  return parent === undefined ? {} : { parent };
}

/** Makes a volume of the task, or sees that it is there. */
export async function ensureVolume(
  { runtime, instanceId }: Pick<TaskWorld, 'runtime' | 'instanceId'>,
  spec: TaskSpec,
  name: string,
): Promise<void> {
  const volume = spec.volumes.find((one) => one.name === name);
  if (!volume) throw new Error(`task ${spec.taskArn} has no volume ${name}`);
  if (volume.kind === 'docker' && volume.shared) {
    const existing = await runtime.listVolumes({});
    if (existing.includes(volume.name)) return;
    if (!volume.autoprovision) {
      // In the words of the ECS agent.
      const missing = `volume '${name}' does not exist and autoprovision is set to false`;
      throw new RuntimeError('rejected', `initialize volume: volume detection failed, ${missing}`);
    }
  }
  await runtime.createVolume(volumeSpec(spec, volume, instanceId));
}

/** Removes what volumes the task left, whichever process made them. */
export async function removeVolumes(
  { runtime, instanceId }: Pick<TaskWorld, 'runtime' | 'instanceId'>,
  taskArn: string,
): Promise<void> {
  const names = await runtime.listVolumes({ [LABEL.instance]: instanceId, [LABEL.task]: taskArn });
  await Promise.all(names.map((name) => runtime.removeVolume(name)));
}

/** Fetches the secrets and files of each container that has some, all at once. */
export async function resolveTaskSecrets(
  { resolveSecrets }: Pick<TaskWorld, 'resolveSecrets'>,
  spec: TaskSpec,
): Promise<ReadonlyMap<string, ResolvedSecrets>> {
  const arn = parseArn(spec.taskArn);
  const caller: Pick<SecretsRequest, 'account' | 'region' | 'role'> = {
    account: arn?.account ?? '',
    region: arn?.region ?? '',
    ...(spec.executionRoleArn === undefined ? {} : { role: { arn: spec.executionRoleArn, sessionName: spec.taskId } }),
  };
  const wanted = spec.containers.filter(
    ({ secrets, environmentFiles }) => secrets.length > 0 || environmentFiles.length > 0,
  );
  const resolved = await Promise.all(
    wanted.map(async ({ name, secrets, environmentFiles }) => {
      return [name, await resolveSecrets({ ...caller, secrets, environmentFiles })] as const;
    }),
  );
  return new Map(resolved);
}
