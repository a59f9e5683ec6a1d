import { setImmediate } from 'node:timers/promises';
import { must } from './testing.ts';
import type { TestEcs } from './testing.ts';

/** A client, or the executor, that asks again until it is answered. */
export async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!String(error).includes('cut off here')) throw error;
      await setImmediate();
    }
  }
}

/**
 * Lets the world go on, second by second, until `done`: containers do as they are told, targets get healthy, drains end.
 * @param isFine a task that is not does not run
 */
export async function goOn(
  ecs: TestEcs,
  done: () => Promise<boolean>,
  isFine: (taskArn: string) => boolean = () => true,
): Promise<void> {
  for (let second = 0; second < 60; second++) {
    await ecs.reconcile();
    if (await done()) return;
    for (const arn of ecs.executor.specs.keys()) await report(ecs, arn, isFine(arn));
    await ecs.reconcile();
    for (const { targets } of ecs.aws.targetGroups.values()) {
      for (const [key, state] of targets) {
        if (state === 'draining') targets.delete(key);
        else if (state === 'initial') targets.set(key, 'healthy');
      }
    }
    ecs.clock.advance(1000);
  }
  throw new Error('It did not get there in a minute.');
}

async function report(ecs: TestEcs, arn: string, isFine: boolean): Promise<void> {
  const desired = must(ecs.executor.desired(arn));
  if (desired === 'STOPPED' || isFine) return insist(() => ecs.report(arn, desired));
  const why = { stopCode: 'TaskFailedToStart' as const, stoppedReason: 'CannotPullContainerError: not there' };
  await insist(() => ecs.report(arn, 'STOPPED', why));
}

/** Bounds what is written from now on: what goes round in circles ends with an error. Answers how much it was so far. */
export function boundWrites({ store }: TestEcs, most: number): () => number {
  let writes = 0;
  const write = store.write.bind(store);
  store.write = (fn) => {
    writes += 1;
    if (writes > most) throw new Error('It goes round in circles.');
    return write(fn);
  };
  return () => writes;
}
