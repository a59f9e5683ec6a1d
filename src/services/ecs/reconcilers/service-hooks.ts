import type { DeploymentLifecycleHook } from '@aws-sdk/client-ecs';
import type { ServiceEnvironment } from '../../../api/service.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { answered, findRun, hookEvent, withRun } from '../domain/deployment-hooks.ts';
import type { HookAnswer } from '../domain/deployment-hooks.ts';
import { isEndpoint } from '../domain/shift-configuration.ts';
import { infrastructureCall } from '../infrastructure-role.ts';
import type { EcsPorts } from '../operation.ts';
import { putService } from '../service-records.ts';
import { services, taskDefinitions } from '../tables.ts';
import type { ServiceRow } from '../tables.ts';
import type { HookRunRow } from '../traffic-tables.ts';
import { networkView } from '../views/service.ts';

/** How often a task that runs for a hook is looked at. */
const TASK_EVERY_S = 1;

type Env = ServiceEnvironment<EcsPorts>;

/**
 * Asks the target of a lifecycle hook, and writes down what it answers. It may be asked more than once, after a crash:
 * its `executionId` is the same then.
 */
export async function runHook(env: Env, service: ServiceRow, hookId: string): Promise<void> {
  const run = findRun(service, hookId);
  const hook = run && service.deployments[0]?.lifecycle?.configuration.lifecycleHooks?.[run.hook];
  if (!run || !hook) return;
  const target = hook.hookTargetArn ?? '';
  const answer = isEndpoint(target) ? await post(env, service, run, target) : await runTask(env, service, run, hook);
  await env.store.write(async (tx) => {
    const row = await tx.get(services, service.arn);
    const same = row && findRun(row, hookId);
    if (row?.status !== 'ACTIVE' || same?.status !== 'IN_PROGRESS') return;
    const now = env.clock.now();
    await putService(tx, { ...withRun(row, answered(same, answer, now), now), revision: row.revision }, now);
  });
}

async function post(env: Env, service: ServiceRow, run: HookRunRow, target: string): Promise<HookAnswer> {
  try {
    return await env.ports.hooks.post(new URL(target), hookEvent(service, run));
  } catch (error) {
    env.log.warn('A deployment lifecycle hook failed.', {
      service: service.arn,
      stage: run.stage,
      error: String(error),
    });
    return { hookStatus: 'FAILED' };
  }
}

/** Starts the task, once for the run, and looks how it ended. */
async function runTask(
  env: Env,
  service: ServiceRow,
  run: HookRunRow,
  hook: DeploymentLifecycleHook,
): Promise<HookAnswer> {
  const call = infrastructureCall(env, service, hook.roleArn ?? '');
  const cluster = service.clusterArn;
  try {
    if (run.taskArn === undefined) {
      const { tasks = [] } = await call('ecs', 'RunTask', await taskInput(env, service, run, hook));
      const taskArn = tasks[0]?.taskArn;
      return taskArn ? { hookStatus: 'IN_PROGRESS', callBackDelay: TASK_EVERY_S, taskArn } : { hookStatus: 'FAILED' };
    }
    const { tasks = [] } = await call('ecs', 'DescribeTasks', { cluster, tasks: [run.taskArn] });
    const [task] = tasks;
    if (task && task.lastStatus !== 'STOPPED') return { hookStatus: 'IN_PROGRESS', callBackDelay: TASK_EVERY_S };
    const isFine = task?.containers?.every((container) => container.exitCode === 0) ?? false;
    return { hookStatus: isFine ? 'SUCCEEDED' : 'FAILED' };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    env.log.warn('A deployment lifecycle hook failed.', {
      service: service.arn,
      stage: run.stage,
      error: error.message,
    });
    return { hookStatus: 'FAILED' };
  }
}

async function taskInput(env: Env, service: ServiceRow, run: HookRunRow, hook: DeploymentLifecycleHook) {
  const definition = await env.store.read((tx) => tx.get(taskDefinitions, hook.hookTargetArn ?? ''));
  const environment = [{ name: 'ECS_DEPLOYMENT_EVENT', value: JSON.stringify(hookEvent(service, run)) }];
  const containers = definition?.definition.containerDefinitions ?? [];
  return {
    cluster: service.clusterArn,
    taskDefinition: hook.hookTargetArn ?? '',
    launchType: service.launchType,
    clientToken: run.id,
    startedBy: run.stage.slice(0, 128),
    ...networkView(service.network),
    overrides: { containerOverrides: containers.map(({ name }) => ({ ...(name && { name }), environment })) },
  };
}
