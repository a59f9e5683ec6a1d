import { join } from 'node:path';
import type { PullCredentials, ReportTask } from '../executor/executor.ts';
import { FleetExecutor } from '../executor/fleet-executor.ts';
import type { BootedInstance } from '../executor/instance-tasks.ts';
import { LocalExecutor } from '../executor/local-executor.ts';
import { FolderNetworkFiles } from '../executor/network-files.ts';
import { PAUSE_IMAGE } from '../executor/pause-image.ts';
import type { HostWorld } from '../executor/task-world.ts';
import type { InstanceDriver } from '../instances/instance-driver.ts';
import { HostCgroups } from '../runtime/cgroups/host-cgroups.ts';
import { SystemdSlices } from '../runtime/cgroups/systemd-slices.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { Environment } from './environment.ts';

/** The engine that has a task's containers: its EC2 instance's, or this host's where it has none. */
export type EngineOf = (instanceId: string | undefined) => ContainerRuntime;

export interface ExecutorParts {
  readonly runtime: ContainerRuntime;
  readonly network: HostWorld['network'];
  readonly driver: Pick<InstanceDriver, 'inspect' | 'list' | 'events' | 'runtimeOf'>;
  readonly logs: HostWorld['logs'];
  readonly credentials: PullCredentials;
  readonly resolveSecrets: HostWorld['resolveSecrets'];
  readonly note: HostWorld['note'];
  readonly report: ReportTask;
}

type ExecutorEnvironment = Pick<Environment, 'clock' | 'log'> & {
  readonly home: Pick<Environment['home'], 'path' | 'instanceId'>;
};

/** Runs tasks on this host and on its EC2 instances. */
export function openExecutor(env: ExecutorEnvironment, parts: ExecutorParts): FleetExecutor {
  const { clock, log, home } = env;
  const { runtime, network, driver, report, note } = parts;
  const slices = new SystemdSlices({ instanceId: home.instanceId });
  const world = { ...parts, clock, log, instanceId: home.instanceId, pauseImage: PAUSE_IMAGE };
  const here = new LocalExecutor({
    ...world,
    networkFiles: new FolderNetworkFiles(join(home.path, 'tasks')),
    cgroups: new HostCgroups({ instanceId: home.instanceId, runtime, clock, log, slices }),
  });
  const open = (instance: BootedInstance, to: ReportTask) => executorOn(instance, env, { ...parts, report: to });
  return new FleetExecutor({ here, instances: driver, open, network, report, note, clock, log });
}

/** For one boot of an instance: by its engine, in its control groups. Its processes are this host's already. */
function executorOn(
  { instanceId, pid }: BootedInstance,
  env: ExecutorEnvironment,
  parts: ExecutorParts,
): LocalExecutor {
  const { clock, home } = env;
  const runtime = parts.driver.runtimeOf(instanceId);
  const log = env.log.with({ instance: instanceId });
  const root = `/proc/${pid}/root/sys/fs/cgroup`;
  return new LocalExecutor({
    ...parts,
    runtime,
    clock,
    log,
    instanceId: home.instanceId,
    pauseImage: PAUSE_IMAGE,
    cgroups: new HostCgroups({ instanceId: home.instanceId, runtime, clock, log, root }),
    usesCachedImages: true,
  });
}
