import type { ServiceEnvironment } from '../../api/service.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { NotScaled } from '../../kernel/scaling-decision.ts';
import { activities, targetKey, targets, type ActivityRow, type TargetRow } from './tables.ts';
import { serviceOf } from './targets.ts';

type Env = ServiceEnvironment<object>;

/** Said once, not each minute that the alarm lasts. */
export async function noteNotScaled(env: Env, target: TargetRow, cause: string, reason: NotScaled): Promise<void> {
  const now = env.clock.now();
  await env.store.write(async (tx) => {
    const last = (await tx.list(activities, { where: ['target', targetKey(target)] })).at(-1);
    if (last?.cause === cause && last.notScaled?.[0]?.code === reason.code) return;
    await tx.put(activities, {
      ...activity(env, target),
      description: 'Attempting to scale due to alarm triggered',
      cause,
      status: 'Unfulfilled',
      message: `Could not scale: ${reason.code}.`,
      notScaled: [reason],
      endMs: now,
    });
  });
}

export function activity({ clock, ids }: Env, { account, region, resourceId }: TargetRow) {
  return { account, region, resourceId, id: ids.uuid(), startMs: clock.now() };
}

export interface Scaling {
  readonly from: number;
  readonly to: number;
  readonly cause: string;
  /** It answers an alarm, or a request; new limits are no reason to wait with that. */
  readonly cools: boolean;
  /** What policies reckon from while the cooldown runs: `from` when left out. */
  readonly base?: number;
}

/** Sets the count and writes down that it did. A crash between the two only loses the note of it. */
export async function scale(
  env: Env,
  target: TargetRow,
  { from, to, cause, cools, base = from }: Scaling,
): Promise<void> {
  const row: ActivityRow = {
    ...activity(env, target),
    description: `Setting desired count to ${to}.`,
    cause,
    status: 'InProgress',
    message: `Successfully set desired count to ${to}. Waiting for change to be fulfilled by ecs.`,
    desired: to,
  };
  let failure: string | undefined;
  try {
    await env.callIn(target)('ecs', 'UpdateService', { ...serviceOf(target.resourceId), desiredCount: to });
  } catch (error) {
    failure = `Failed to set desired count to ${to}. Reason: ${messageOf(error)}`;
  }
  const now = env.clock.now();
  await env.store.write(async (tx) => {
    for (const open of await tx.list(activities, { where: ['open', targetKey(target)] })) {
      await tx.put(activities, {
        ...open,
        status: 'Overridden',
        endMs: now,
        message: `Successfully set desired count to ${open.desired}. Change was overridden by a later one.`,
      });
    }
    await tx.put(activities, failure === undefined ? row : { ...row, status: 'Failed', message: failure, endMs: now });
    const current = await tx.get(targets, targetKey(target));
    if (!current || failure !== undefined || !cools) return;
    const recent = to > from ? { lastOut: { atMs: now, from: base } } : { ...current.recent, lastIn: { atMs: now } };
    await tx.put(targets, { ...current, recent });
  });
}
