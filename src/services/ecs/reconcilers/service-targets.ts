import type { TargetHealth, TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ServiceEnvironment } from '../../../api/service.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { targetOf } from '../domain/task-target.ts';
import type { EcsPorts } from '../operation.ts';
import { tasks } from '../tables.ts';
import type { ServiceRow, TaskRow } from '../tables.ts';

type TargetsSeen = Pick<TaskRow, 'targetHealth' | 'targetHealthReason' | 'unhealthyTargetGroup'>;

/** Asks the load balancer about each task and writes down what changed. */
export async function checkTargets(
  env: ServiceEnvironment<EcsPorts>,
  service: ServiceRow,
  joined: readonly TaskRow[],
): Promise<void> {
  const health = await healthByGroup(env, service, joined);
  const changed = joined.flatMap((task) => {
    const seen = targetsSeen(task, health);
    const isSame = seen.targetHealth === task.targetHealth && seen.unhealthyTargetGroup === task.unhealthyTargetGroup;
    return isSame ? [] : [{ arn: task.arn, seen }];
  });
  if (changed.length === 0) return;
  await env.store.write(async (tx) => {
    for (const { arn, seen } of changed) {
      const row = await tx.get(tasks, arn);
      if (!row) continue;
      const { targetHealth: _health, targetHealthReason: _reason, unhealthyTargetGroup: _group, ...rest } = row;
      await tx.put(tasks, { ...rest, ...seen });
    }
  });
}

async function healthByGroup(
  env: ServiceEnvironment<EcsPorts>,
  service: ServiceRow,
  joined: readonly TaskRow[],
): Promise<ReadonlyMap<string, readonly TargetHealthDescription[]>> {
  const health = new Map<string, TargetHealthDescription[]>();
  // Those of the tasks, not of the service: old tasks keep their groups when a deployment brings others.
  const groups = new Set(joined.flatMap((task) => task.targets.map((target) => target.targetGroupArn)));
  for (const targetGroupArn of groups) {
    try {
      const answer = await env.callIn(service)('elbv2', 'DescribeTargetHealth', { TargetGroupArn: targetGroupArn });
      health.set(targetGroupArn, answer.TargetHealthDescriptions ?? []);
    } catch (error) {
      if (!(error instanceof ServiceError && error.code === 'TargetGroupNotFoundException')) throw error;
    }
  }
  return health;
}

function targetsSeen(task: TaskRow, health: ReadonlyMap<string, readonly TargetHealthDescription[]>): TargetsSeen {
  const states = task.targets.map((wanted): { group: string; state: TargetHealth | undefined } => {
    const { targetGroupArn } = wanted;
    const target = targetOf(task, wanted);
    const found = health
      .get(targetGroupArn)
      ?.find((item) => item.Target?.Id === target?.Id && item.Target?.Port === target?.Port);
    return { group: targetGroupArn, state: found?.TargetHealth };
  });
  const bad = states.find(({ state }) => state?.State === 'unhealthy');
  if (bad) {
    const why = bad.state?.Description;
    return {
      targetHealth: 'unhealthy',
      unhealthyTargetGroup: bad.group,
      ...(why === undefined ? {} : { targetHealthReason: why }),
    };
  }
  // A group that no listener uses has no health checks, so it holds nobody up.
  const fine = states.every(({ state }) => state?.State === 'healthy' || state?.State === 'unused');
  return { targetHealth: fine ? 'healthy' : 'initial' };
}
