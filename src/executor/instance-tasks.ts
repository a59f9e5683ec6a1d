import { type Clock, sleep } from '../kernel/clock.ts';
import { RuntimeError, messageOf } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Network } from '../network/network.ts';
import { delayAfter } from './backoff.ts';
import type { Executor, NoteTimeline, ReportTask, TaskReport, TaskSpec } from './executor.ts';
import type { DesiredStatus } from './plan-task.ts';
import { interfaceOf } from './task-network.ts';

/** Its engine takes some hundred milliseconds to answer after a boot. */
const ENGINE_AGAIN_MS = 500;

/** What is asked of an EC2 instance: members of the instance driver's `InstanceSeen`. */
export interface SeenInstance {
  readonly instanceId: string;
  readonly state: 'running' | 'stopped';
  readonly pid?: number;
  /** Changes at each boot. */
  readonly bootId: string;
  readonly engineReady: boolean;
  /** It still runs, and is being stopped. */
  readonly isStopping?: true;
}

/** One boot of an instance: its init's process on this host is another at the next one. */
export interface BootedInstance {
  readonly instanceId: string;
  readonly pid: number;
}

export interface InstanceWorld {
  readonly inspect: (instanceId: string) => Promise<SeenInstance | undefined>;
  /** The executor of one boot of an instance; it is closed when that ends. */
  readonly open: (instance: BootedInstance, report: ReportTask) => Executor;
  readonly network: Pick<Network, 'unplug'>;
  readonly report: ReportTask;
  readonly note: NoteTimeline;
  readonly clock: Clock;
  readonly log: Log;
}

interface Ensured {
  readonly spec: TaskSpec;
  readonly desired: DesiredStatus;
}

/**
 * The tasks of one EC2 instance. While its engine answers, an executor of this boot has them; an instance that stops or
 * vanishes takes them with it, which is reported in its stead.
 */
export class InstanceTasks {
  readonly #instanceId: string;
  readonly #world: InstanceWorld;
  readonly #tasks = new Map<string, Ensured>();
  /** What the control plane has accepted of each. */
  readonly #reports = new Map<string, TaskReport>();
  /** STOPPED, and the control plane knows it, until it has forgotten them. */
  readonly #ended = new Set<string>();
  /** Lost, and the control plane is still to be told: they do not begin anew at the next boot. */
  readonly #losing = new Set<string>();
  readonly #abort = new AbortController();
  #boot: { readonly bootId: string; readonly executor: Executor } | undefined;
  #known: ReadonlySet<string> | undefined;
  #looking: Promise<void> | undefined;
  #isKicked = false;
  #cancelAgain: () => void = () => {};

  constructor(instanceId: string, world: InstanceWorld) {
    this.#instanceId = instanceId;
    this.#world = { ...world, log: world.log.with({ instance: instanceId }) };
  }

  /** Nothing here is to be remembered. */
  get isIdle(): boolean {
    return this.#boot === undefined && this.#tasks.size === 0 && this.#ended.size === 0;
  }

  ensure(spec: TaskSpec, desired: DesiredStatus): void {
    const { taskArn } = spec;
    if (this.#abort.signal.aborted || this.#ended.has(taskArn)) return;
    const isNew = !this.#tasks.has(taskArn);
    this.#tasks.set(taskArn, { spec, desired });
    if (!this.#losing.has(taskArn)) this.#boot?.executor.ensure(spec, desired);
    if (isNew || !this.#boot) this.kick();
  }

  /** Removes what the control plane does not know, now or once its engine answers. */
  async reap(known: ReadonlySet<string>): Promise<void> {
    this.#known = known;
    for (const taskArn of this.#ended) if (!known.has(taskArn)) this.#ended.delete(taskArn);
    this.kick();
    await this.#looking;
    await this.#boot?.executor.reap(this.#live(known));
  }

  /** Something may have happened to the instance. */
  kick(): void {
    this.#isKicked = true;
    if (this.#abort.signal.aborted) return;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
      if (this.#isKicked) this.kick();
    });
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#cancelAgain();
    await this.#looking;
    await this.#boot?.executor.close();
  }

  async #look(): Promise<void> {
    this.#isKicked = false;
    this.#cancelAgain();
    try {
      const seen = await this.#world.inspect(this.#instanceId);
      if (this.#abort.signal.aborted) return;
      if (seen?.state === 'running') await this.#follow(seen);
      else await this.#lose(seen ? 'stopped' : 'terminated');
    } catch (error) {
      this.#world.log.warn('an instance could not be looked at', { error: messageOf(error) });
      this.#lookAgain();
    }
  }

  async #follow({ bootId, pid, engineReady }: SeenInstance): Promise<void> {
    if (this.#boot && this.#boot.bootId !== bootId) await this.#endBoot();
    if (this.#boot || (this.#tasks.size === 0 && !this.#known)) return;
    if (!engineReady || pid === undefined) return this.#tasks.size > 0 ? this.#lookAgain() : undefined;
    const executor = this.#world.open({ instanceId: this.#instanceId, pid }, (report) => this.#reportOfBoot(report));
    this.#boot = { bootId, executor };
    for (const { spec, desired } of this.#tasks.values()) {
      if (!this.#losing.has(spec.taskArn)) executor.ensure(spec, desired);
    }
    if (this.#known) await executor.reap(this.#live(this.#known));
  }

  async #endBoot(): Promise<void> {
    const boot = this.#boot;
    this.#boot = undefined;
    await boot?.executor.close();
  }

  async #lose(how: 'stopped' | 'terminated'): Promise<void> {
    await this.#endBoot();
    for (const { spec } of this.#tasks.values()) void this.#loseTask(spec, how);
  }

  /** Never rejects. */
  async #loseTask(spec: TaskSpec, how: 'stopped' | 'terminated'): Promise<void> {
    const { network, note, clock, log } = this.#world;
    const { taskArn } = spec;
    if (this.#losing.has(taskArn)) return;
    this.#losing.add(taskArn);
    note(taskArn, { atMs: clock.now(), text: `lost: ${lossOf(spec, how)}` });
    const own = interfaceOf(spec);
    for (let failures = 0; !this.#abort.signal.aborted;) {
      try {
        if (own) await network.unplug(own.vpcId, own.interfaceId);
        await this.#report(lostReport(spec, this.#reports.get(taskArn), how, clock.now()));
        break;
      } catch (error) {
        failures += 1;
        log.warn('a task was lost with its instance, and that could not be told', {
          error: messageOf(error),
          failures,
        });
        await sleep(clock, delayAfter(failures), this.#abort.signal);
      }
    }
    this.#losing.delete(taskArn);
  }

  /**
   * The agent of an instance that is stopped ends before its engine does: how the containers ended is nobody's to tell.
   * @throws RuntimeError temporary; once the instance has stopped, its tasks are lost
   */
  async #reportOfBoot(report: TaskReport): Promise<void> {
    if (report.stopCode === 'EssentialContainerExited') {
      const seen = await this.#world.inspect(this.#instanceId);
      if (seen?.state !== 'running' || seen.isStopping) {
        throw new RuntimeError('temporary', `${this.#instanceId} is stopping, or has stopped`);
      }
    }
    return this.#report(report);
  }

  async #report(report: TaskReport): Promise<void> {
    await this.#world.report(report);
    const { taskArn, status } = report;
    this.#reports.set(taskArn, report);
    if (status !== 'STOPPED') return;
    this.#ended.add(taskArn);
    this.#tasks.delete(taskArn);
    this.#reports.delete(taskArn);
  }

  /** Tasks that were lost at an earlier boot have left their containers on its disk. */
  #live(known: ReadonlySet<string>): ReadonlySet<string> {
    return new Set([...known].filter((taskArn) => !this.#ended.has(taskArn) && !this.#losing.has(taskArn)));
  }

  #lookAgain(): void {
    this.#cancelAgain = this.#world.clock.after(ENGINE_AGAIN_MS, () => this.kick());
  }
}

/**
 * What ECS says of a task whose instance is gone; the engine can no longer be asked how its containers ended.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
 */
function lostReport(
  spec: TaskSpec,
  last: TaskReport | undefined,
  how: 'stopped' | 'terminated',
  now: number,
): TaskReport {
  return {
    executionStoppedAtMs: now,
    stopCode: 'TerminationNotice',
    stoppedReason: lossOf(spec, how),
    ...last,
    taskArn: spec.taskArn,
    status: 'STOPPED',
    containers: spec.containers.map(({ name }) => {
      const known = last?.containers.find((one) => one.name === name);
      return { health: 'UNKNOWN', ...known, name, status: 'STOPPED' };
    }),
  };
}

/** In ECS's words. */
function lossOf({ instanceId }: TaskSpec, how: 'stopped' | 'terminated'): string {
  return `Host EC2 (instance ${instanceId}) ${how}.`;
}
