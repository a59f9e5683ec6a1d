import type { TaskContainer } from './executor.ts';
import type { ContainerSeen } from './task-seen.ts';

/**
 * Whether a container that has ended is to be started again in place.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html
 */
export function restartsNext({ restart }: TaskContainer, { state, failure }: ContainerSeen): boolean {
  if (!restart || failure !== undefined || state?.status !== 'exited') return false;
  const { exitCode, startedAtMs, finishedAtMs } = state;
  if (exitCode === undefined || restart.ignoredExitCodes.includes(exitCode)) return false;
  if (startedAtMs === undefined || finishedAtMs === undefined) return false;
  // An engine may note the start of what ends at once after its end.
  return Math.max(0, finishedAtMs - startedAtMs) >= restart.attemptPeriodMs;
}

/** It has run and will not run again. */
export function hasEnded(container: TaskContainer, own: ContainerSeen): boolean {
  return own.state?.status !== 'running' && !restartsNext(container, own);
}
