import type { Clock } from '../kernel/clock.ts';
import { isOutOfMemory } from './container-report.ts';
import type { NoteTimeline } from './executor.ts';
import type { TaskAction } from './task-action.ts';
import type { ContainerSeen, TaskSeen } from './task-seen.ts';

/** Says each thing that happens to a task once, as this process sees it; what it finds there is not news. */
export class TaskTimeline {
  readonly #note: NoteTimeline;
  readonly #clock: Clock;
  readonly #taskArn: string;
  readonly #saidOnce = new Set<string>();
  #before: TaskSeen | undefined;

  constructor(taskArn: string, { note, clock }: { readonly note: NoteTimeline; readonly clock: Clock }) {
    this.#taskArn = taskArn;
    this.#note = note;
    this.#clock = clock;
  }

  /** Never a secret: it is stored and shown. */
  say(text: string): void {
    this.#note(this.#taskArn, { atMs: this.#clock.now(), text });
  }

  sayOnce(text: string): void {
    if (this.#saidOnce.has(text)) return;
    this.#saidOnce.add(text);
    this.say(text);
  }

  /** What changed since the last look. */
  observe(seen: TaskSeen): void {
    const before = this.#before;
    // The images and sets in it go on changing; what is compared here does not.
    this.#before = seen;
    if (!before) return;
    for (const [name, now] of seen.containers) {
      for (const text of changesOf(before.containers.get(name), now, seen.stoppedAccepted))
        this.say(`${name}: ${text}`);
    }
  }
}

function changesOf(before: ContainerSeen | undefined, now: ContainerSeen, isOver: boolean): string[] {
  const [then, state] = [before?.state, now.state];
  if (!state) return then && !isOver ? ['gone from the host'] : [];
  const texts: string[] = [];
  const isNewRun = state.startedAtMs !== undefined && state.startedAtMs !== then?.startedAtMs;
  if (isNewRun) texts.push(now.restarts > (before?.restarts ?? 0) ? `restarted (${now.restarts})` : 'started');
  if (state.status === 'running' && state.health && state.health !== (isNewRun ? 'starting' : then?.health)) {
    texts.push(state.health);
  }
  if (state.status === 'exited' && (isNewRun || then?.status !== 'exited')) {
    const why = isOutOfMemory(state, now.wasStopped) ? ' (out of memory)' : '';
    texts.push(`exited with code ${state.exitCode ?? 'unknown'}${why}`);
  }
  return texts;
}

/** How a step that has been done reads; undefined for those that say it themselves, or that are not worth a line. */
export function stepText(action: TaskAction): string | undefined {
  switch (action.do) {
    case 'create-pause':
      return 'pause container created';
    case 'plug':
      return 'network interface plugged';
    case 'create-volume':
      return `volume ${action.volume} ready`;
    case 'create':
      return `${action.container}: created`;
    case 'drain-logs':
      return `${action.container}: logs drained`;
    case 'unplug':
      return 'network interface unplugged';
    case 'remove':
      return `${action.container}: removed`;
    case 'remove-pause':
      return 'pause container removed';
    case 'remove-volumes':
      return 'volumes removed';
    default:
      return undefined;
  }
}

/** `41.2 MB`, in powers of ten as registries count. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
