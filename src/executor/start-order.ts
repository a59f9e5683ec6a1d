import type { DependencyCondition, TaskContainer, TaskSpec } from './executor.ts';
import { hasEnded } from './restart-policy.ts';
import { dependenciesOf } from './task-network.ts';
import { type ContainerSeen, type TaskSeen, UNTOUCHED } from './task-seen.ts';

/** Where one container stands on its way to running. */
export type StartState =
  /** It runs, or has run. */
  | { readonly is: 'started' }
  /** It will never run; the reason as ECS says it. */
  | { readonly is: 'failed'; readonly reason: string }
  /** Nothing it depends on holds it back. */
  | { readonly is: 'ready' }
  | { readonly is: 'waiting'; readonly on: string; readonly untilMs?: number };

/**
 * Resolves `dependsOn` as the ECS agent does: a container whose dependency can no longer be met fails with it, and a
 * `startTimeout` of the dependency counts from the dependency's start.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
 */
export function startStates(spec: TaskSpec, seen: TaskSeen, now: number): ReadonlyMap<string, StartState> {
  const states = new Map<string, StartState>();
  const byName = new Map(spec.containers.map((container) => [container.name, container]));
  const resolve = (container: TaskContainer): StartState => {
    const known = states.get(container.name);
    if (known) return known;
    // A circle never resolves; the control plane refuses them.
    states.set(container.name, { is: 'waiting', on: container.name });
    const state = stateOf(container, byName, seen, now, resolve);
    states.set(container.name, state);
    return state;
  };
  for (const container of spec.containers) resolve(container);
  return states;
}

/** It runs or has run, whether or not it is still there. */
export function hasStarted(container: ContainerSeen): boolean {
  return container.hasRun || container.state?.startedAtMs !== undefined;
}

function stateOf(
  container: TaskContainer,
  byName: ReadonlyMap<string, TaskContainer>,
  seen: TaskSeen,
  now: number,
  resolve: (container: TaskContainer) => StartState,
): StartState {
  const own = seen.containers.get(container.name) ?? UNTOUCHED;
  if (hasStarted(own)) return { is: 'started' };
  if (own.failure !== undefined) return { is: 'failed', reason: own.failure };
  if (own.state?.error !== undefined) return { is: 'failed', reason: startError(own.state.error) };

  for (const { container: name } of container.volumesFrom) {
    const source = byName.get(name);
    if (source && resolve(source).is !== 'failed') continue;
    const text = `container ordering dependency [${name}] for target [${container.name}] was not created.`;
    return { is: 'failed', reason: `CannotCreateContainerError: dependency graph: ${text}` };
  }
  let waiting: StartState | undefined;
  for (const { container: name, condition } of dependenciesOf(container)) {
    const dependency = byName.get(name);
    const met = dependency
      ? meets(dependency, condition, seen.containers.get(name) ?? UNTOUCHED, resolve(dependency), now)
      : { failed: 'does not exist' };
    if (met === true) continue;
    if ('failed' in met) {
      const text = `container ordering dependency [${name}] for target [${container.name}] ${met.failed}.`;
      return { is: 'failed', reason: `CannotStartContainerError: dependency graph: ${text}` };
    }
    waiting ??= { is: 'waiting', on: `${name} to be ${condition}`, ...met };
  }
  return waiting ?? { is: 'ready' };
}

/** The engine's words for a start that failed, as ECS passes them on. */
function startError(words: string): string {
  return `CannotStartContainerError: Error response from daemon: ${words}`;
}

function meets(
  dependency: TaskContainer,
  condition: DependencyCondition,
  seen: ContainerSeen,
  start: StartState,
  now: number,
): true | { readonly failed: string } | { readonly untilMs?: number } {
  if (start.is === 'failed') return { failed: 'did not start' };
  if (start.is !== 'started') return {};
  if (condition === 'START') return true;
  const { state } = seen;
  if (hasEnded(dependency, seen)) {
    if (condition === 'COMPLETE' || (condition === 'SUCCESS' && state?.exitCode === 0)) return true;
    return { failed: condition === 'SUCCESS' ? 'did not exit successfully' : 'exited before it was healthy' };
  }
  // Between its end and its restart there is nothing to wait for but that.
  if (state?.status !== 'running') return {};
  if (condition === 'HEALTHY' && state.health === 'healthy') return true;
  if (dependency.startTimeoutMs === undefined || state.startedAtMs === undefined) return {};
  const untilMs = state.startedAtMs + dependency.startTimeoutMs;
  return now >= untilMs ? { failed: 'has timed out' } : { untilMs };
}
