import { messageOf } from '../kernel/errors.ts';
import { Backoff } from './backoff.ts';
import type { ContainerState } from '../runtime/runtime.ts';
import { LABEL } from './labels.ts';
import type { ReportTask, TaskSpec } from './executor.ts';
import { type DesiredStatus, planTask, type TaskPlan } from './plan-task.ts';
import { ReportSender } from './report-sender.ts';
import { actionKey, printAction, type TaskAction } from './task-action.ts';
import { TaskEffects } from './task-effects.ts';
import { TaskMemory } from './task-memory.ts';
import { interfaceOf } from './task-network.ts';
import { TaskTimeline } from './task-timeline.ts';
import type { TaskWorld } from './task-world.ts';

const LIST = 'list';

/**
 * The life of one task: list, plan, begin what the plan says, and again whenever something has changed.
 *
 *   kick ──> list containers ──> planTask ──> report
 *    ^                              └──────> actions, each on its own ──┐
 *    └──────── an action ended, an event came, a time was reached ──────┘
 */
export class TaskLoop {
  readonly #spec: TaskSpec;
  readonly #world: TaskWorld;
  readonly #memory = new TaskMemory();
  readonly #backoff: Backoff;
  readonly #effects: TaskEffects;
  readonly #timeline: TaskTimeline;
  readonly #reports: ReportSender;
  readonly #onDone: () => void;
  readonly #abort = new AbortController();
  #desired: DesiredStatus;
  #running: Promise<void> | undefined;
  #isKicked = false;
  /** Counts actions that ended: what was listed before is stale. */
  #epoch = 0;
  /** Of the pause container, where the interface should be in it. */
  #pluggedPid: number | undefined;
  #cancelWake: (() => void) | undefined;
  #why = '';

  constructor(spec: TaskSpec, desired: DesiredStatus, world: TaskWorld, report: ReportTask, onDone: () => void) {
    this.#spec = spec;
    this.#desired = desired;
    this.#world = { ...world, log: world.log.with({ task: spec.taskId }) };
    this.#backoff = new Backoff(world.clock);
    this.#timeline = new TaskTimeline(spec.taskArn, world);
    this.#effects = new TaskEffects(this.#world, this.#memory, this.#backoff, this.#timeline);
    this.#reports = new ReportSender({
      report,
      clock: world.clock,
      log: this.#world.log,
      signal: this.#abort.signal,
      onAccepted: () => this.kick(),
    });
    this.#onDone = onDone;
    this.kick();
  }

  /** STOPPED stays: a task never starts again. */
  desire(desired: DesiredStatus): void {
    if (desired === 'STOPPED') this.#desired = 'STOPPED';
    this.kick();
  }

  /** Something may have changed. */
  kick(): void {
    this.#isKicked = true;
    if (this.#abort.signal.aborted) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#isKicked) this.kick();
    });
  }

  /** Stops following; containers go on. */
  async close(): Promise<void> {
    this.#abort.abort();
    this.#cancelWake?.();
    const { followers } = this.#memory;
    for (const follower of followers) follower.close();
    await Promise.all([this.#running, this.#reports.idle, ...followers.map(({ drained }) => drained)]);
  }

  async #run(): Promise<void> {
    while (this.#isKicked && !this.#abort.signal.aborted) {
      this.#isKicked = false;
      try {
        await this.#pass();
        this.#backoff.succeeded(LIST);
      } catch (error) {
        const attempts = this.#backoff.failed(LIST);
        this.#world.log.warn('a task could not be looked at', { error: messageOf(error), attempts });
        this.#wakeAt(this.#backoff.readyAt(LIST));
      }
    }
  }

  async #pass(): Promise<void> {
    const epoch = this.#epoch;
    const { runtime, clock, instanceId } = this.#world;
    const states = await runtime.list({ [LABEL.instance]: instanceId, [LABEL.task]: this.#spec.taskArn });
    const isCutOff = await this.#isCutOff(states);
    if (this.#abort.signal.aborted) return;
    if (epoch !== this.#epoch) {
      this.#isKicked = true;
      return;
    }
    const stoppedAccepted = this.#reports.accepted?.status === 'STOPPED';
    const seen = { ...this.#memory.seen(this.#spec, states, stoppedAccepted), isCutOff };
    const plan = planTask(this.#spec, seen, clock.now(), this.#desired);
    this.#explain(plan);
    for (const [name, reason] of plan.failures) this.#memory.of(name).failure ??= reason;
    this.#timeline.observe(seen);
    if (plan.cause && !this.#memory.cause) {
      this.#memory.cause = plan.cause;
      this.#timeline.say(`stopping: ${plan.cause.stoppedReason ?? 'it was asked to'}`);
    }
    const readyTimes = plan.actions.map((action) => this.#begin(action)).filter((time) => time !== undefined);
    if (!stoppedAccepted) this.#reports.offer(this.#memory.report(this.#spec, plan));
    if (plan.done) return this.#finish();
    this.#wakeAt(Math.min(plan.wakeAt ?? Infinity, ...readyTimes));
  }

  /** Kicks it if its network is gone, of which the engine knows nothing. */
  async checkNetwork(): Promise<void> {
    if (await this.#isUnplugged()) this.kick();
  }

  async #isCutOff(states: readonly ContainerState[]): Promise<boolean> {
    const pause = states.find(({ labels }) => labels[LABEL.role] === 'pause');
    const hasStarted = states.some((state) => state !== pause && state.startedAtMs !== undefined);
    this.#pluggedPid = !this.#memory.unplugged && (this.#memory.plugged || hasStarted) ? pause?.pid : undefined;
    return this.#isUnplugged();
  }

  async #isUnplugged(): Promise<boolean> {
    const own = interfaceOf(this.#spec);
    const pid = this.#pluggedPid;
    if (pid === undefined || !own) return false;
    return !(await this.#world.network.isPlugged(own.vpcId, own.interfaceId, pid));
  }

  /** Answers when to come back, for an action that must wait before it is tried again. */
  #begin(action: TaskAction): number | undefined {
    const key = actionKey(action);
    if (this.#memory.inFlight.has(key)) return undefined;
    const readyAt = this.#backoff.readyAt(key);
    if (readyAt !== undefined) return readyAt;
    this.#memory.inFlight.set(key, action);
    void this.#effects
      .run(this.#spec, action, () => this.#changed())
      .finally(() => {
        this.#memory.inFlight.delete(key);
        this.#changed();
      });
    return undefined;
  }

  #changed(): void {
    this.#epoch += 1;
    this.kick();
  }

  #wakeAt(timeMs: number | undefined): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    if (timeMs === undefined || timeMs === Infinity) return;
    const { clock } = this.#world;
    this.#cancelWake = clock.after(Math.max(0, timeMs - clock.now()), () => this.kick());
  }

  #finish(): void {
    this.#timeline.say('over: nothing of it is left on the host');
    this.#abort.abort();
    this.#cancelWake?.();
    this.#onDone();
  }

  #explain(plan: TaskPlan): void {
    if (plan.why === this.#why) return;
    this.#why = plan.why;
    this.#world.log.debug('task', { why: plan.why, actions: plan.actions.map(printAction) });
  }
}
