import type { ServiceEnvironment } from '../../../api/service.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { checkedContainers } from '../domain/checked-containers.ts';
import { belongs, instanceAttributes, planRegistry, registriesOf } from '../domain/registry-plan.ts';
import type { InstanceHealth, RegistryAction, RegistryObserved } from '../domain/registry-plan.ts';
import type { EcsPorts } from '../operation.ts';
import { taskDefinitions, tasks } from '../tables.ts';
import type { TaskRegistryRow, TaskRow } from '../tables.ts';

type Env = ServiceEnvironment<EcsPorts>;
type Registration = NonNullable<TaskRow['registration']>;

/** Keeps running tasks registered in the Cloud Map service of their ECS service, with their health. */
export function registryReconciler(env: Env): Reconciler<RegistryObserved, RegistryAction> {
  return {
    name: 'ecs.registry',
    resyncEveryMs: 60_000,
    keys: (change) => (change.table === tasks.name ? [change.key] : []),
    allKeys: async (tx) =>
      (await tx.list(tasks)).filter((task) => registriesOf(task).length > 0).map((task) => task.arn),
    async observe(tx, key) {
      const task = await tx.get(tasks, key);
      if (!task || registriesOf(task).length === 0) return undefined;
      return { task, checked: checkedContainers(await tx.get(taskDefinitions, task.taskDefinitionArn)) };
    },
    plan: planRegistry,
    async apply(action) {
      if (action.type === 'register') await register(env, action.task, action.health);
      else if (action.type === 'tell-health') await tellHealth(env, action.task, action.health);
      else await deregister(env, action.task);
    },
  };
}

/** It is written down before it is done, so that after a crash in between the instance is taken out again. */
async function register(env: Env, task: TaskRow, health: InstanceHealth): Promise<void> {
  const mayGoOn = await note(env, task, (row) => (belongs(row) ? { state: 'REGISTERING' } : row.registration));
  if (mayGoOn?.state !== 'REGISTERING') return;
  let told: InstanceHealth | undefined;
  for (const registry of registriesOf(task)) {
    if (await registerIn(env, task, registry, health)) told = health;
  }
  await note(env, task, () => ({ state: 'REGISTERED', ...(told && { health: told }) }));
}

/** Answers whether the Cloud Map service wants to hear of its health. */
async function registerIn(
  env: Env,
  task: TaskRow,
  registry: TaskRegistryRow,
  health: InstanceHealth,
): Promise<boolean> {
  const call = env.callIn(task);
  const ServiceId = registry.registryArn;
  const { Service } = await call('servicediscovery', 'GetService', { Id: ServiceId });
  const isTold = Service?.HealthCheckCustomConfig !== undefined;
  await call('servicediscovery', 'RegisterInstance', {
    ServiceId,
    InstanceId: task.id,
    CreatorRequestId: task.id,
    Attributes: instanceAttributes(task, registry, isTold ? health : undefined),
  });
  // An earlier call may have registered it as it was then: the same call again changes nothing.
  if (isTold) await tell(env, task, ServiceId, health);
  return isTold;
}

async function tellHealth(env: Env, task: TaskRow, health: InstanceHealth): Promise<void> {
  try {
    for (const { registryArn } of registriesOf(task)) await tell(env, task, registryArn, health);
    await note(env, task, (row) => row.registration && { state: 'REGISTERED', health });
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'InstanceNotFound')) throw error;
    // Somebody has taken it out: it is registered anew.
    await note(env, task, () => ({ state: 'REGISTERING' }));
  }
}

async function tell(env: Env, task: TaskRow, ServiceId: string, Status: InstanceHealth): Promise<void> {
  const query = { ServiceId, InstanceId: task.id, Status };
  try {
    await env.callIn(task)('servicediscovery', 'UpdateInstanceCustomHealthStatus', query);
  } catch (error) {
    // One of several registries, which has no health.
    const isDeaf = error instanceof ServiceError && error.code === 'CustomHealthNotFound';
    if (!isDeaf) throw error;
  }
}

async function deregister(env: Env, task: TaskRow): Promise<void> {
  for (const { registryArn } of registriesOf(task)) await deregisterFrom(env, task, registryArn);
  await note(env, task, () => undefined);
}

async function deregisterFrom(env: Env, task: TaskRow, ServiceId: string): Promise<void> {
  try {
    await env.callIn(task)('servicediscovery', 'DeregisterInstance', { ServiceId, InstanceId: task.id });
  } catch (error) {
    if (!(error instanceof ServiceError) || error.httpStatus >= 500) throw error;
    // Taken out already, or the whole registry is gone: no reason to keep the task from stopping.
    if (error.code !== 'InstanceNotFound' && error.code !== 'ServiceNotFound') {
      env.log.warn('A task could not be deregistered.', { task: task.arn, error: error.message });
    }
  }
}

/** Writes the registration of a task that is still there; answers what stands now. */
async function note(
  env: Env,
  { arn }: TaskRow,
  change: (row: TaskRow) => Registration | undefined,
): Promise<Registration | undefined> {
  return env.store.write(async (tx) => {
    const row = await tx.get(tasks, arn);
    if (!row) return undefined;
    const { registration, ...rest } = row;
    const changed = change(row);
    const isSame = registration?.state === changed?.state && registration?.health === changed?.health;
    if (!isSame) await tx.put(tasks, { ...rest, ...(changed && { registration: changed }) });
    return changed;
  });
}
