import type { Clock } from '../kernel/clock.ts';
import { messageOf, RuntimeError, ServiceError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Network } from '../network/network.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { Backoff } from './backoff.ts';
import { containerSpec, LABEL, pauseSpec } from './container-spec.ts';
import type { LogSink, PullCredentials, TaskContainer, TaskSpec } from './executor.ts';
import { LogFollower } from './log-follower.ts';
import { ensurePauseImage } from './pause-image.ts';
import { actionKey, type TaskAction } from './task-action.ts';
import type { ContainerMemory, TaskMemory } from './task-memory.ts';

/** How long STOPPED may wait for the last lines. */
const DRAIN_LIMIT_MS = 5000;
/** The network learns of a new interface some milliseconds after the executor. */
const LONGEST_PLUG_DELAY_MS = 200;
/** Some 15 seconds. */
const MAX_PULLS = 10;
/** For what should not be: an image or a container that vanishes between two steps, again and again. */
const MAX_VANISHED = 4;

export interface TaskWorld {
  readonly runtime: ContainerRuntime;
  readonly network: Pick<Network, 'plug' | 'unplug'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly instanceId: string;
  readonly logs: LogSink;
  readonly credentials: PullCredentials;
  /** A reference on this host: `ensurePauseImage` makes it. */
  readonly pauseImage: string;
}

/** Does what a plan says for one task: the only place with effects. What came of it goes into the memory. */
export class TaskEffects {
  readonly #world: TaskWorld;
  readonly #memory: TaskMemory;
  readonly #backoff: Backoff;

  constructor(world: TaskWorld, memory: TaskMemory, backoff: Backoff) {
    this.#world = world;
    this.#memory = memory;
    this.#backoff = backoff;
  }

  /** Never rejects: what fails is tried again after a while, or ends the task or the container. */
  async run(spec: TaskSpec, action: TaskAction, onDrained: () => void): Promise<void> {
    const key = actionKey(action);
    try {
      await this.#perform(spec, action, onDrained);
      this.#backoff.succeeded(key);
    } catch (error) {
      this.#failed(action, error);
    }
  }

  async #perform(spec: TaskSpec, action: TaskAction, onDrained: () => void): Promise<void> {
    const { runtime, network } = this.#world;
    const { vpcId, interfaceId } = spec.network;
    switch (action.do) {
      case 'create-pause':
        return this.#createPause(spec);
      case 'start-pause':
      case 'start':
        return runtime.start(action.id);
      case 'plug':
        await network.plug(vpcId, interfaceId, action.pid);
        this.#memory.plugged = true;
        return;
      case 'open-logs':
        return this.#openLogs(containerOf(spec, action.container));
      case 'pull':
        return this.#pull(spec, containerOf(spec, action.container));
      case 'create':
        return this.#create(spec, containerOf(spec, action.container), action.pauseId);
      case 'follow-logs':
        return this.#follow(containerOf(spec, action.container), action.id, onDrained);
      case 'stop':
        return runtime.stop(action.id, action.timeoutMs);
      case 'drain-logs':
        await this.#memory.of(action.container).follower?.drain(DRAIN_LIMIT_MS);
        this.#memory.of(action.container).logs = 'drained';
        return;
      case 'unplug':
        await network.unplug(vpcId, interfaceId);
        this.#memory.unplugged = true;
        return;
      case 'stop-pause':
        return runtime.stop(action.id, 0);
      case 'remove':
        return runtime.remove(action.id);
      case 'remove-pause':
        await runtime.remove(action.id);
        this.#pauseEnded();
    }
  }

  async #createPause(spec: TaskSpec): Promise<void> {
    const { runtime, instanceId, pauseImage } = this.#world;
    const wanted = pauseSpec(spec, instanceId, pauseImage);
    try {
      await runtime.create(wanted);
    } catch (error) {
      if (!isGone(error)) throw error;
      // Somebody has removed the image.
      await ensurePauseImage(runtime, pauseImage);
      await runtime.create(wanted);
    }
  }

  #pauseEnded(): void {
    this.#memory.plugged = false;
    this.#memory.pauseEnds += 1;
    if (this.#memory.cause === undefined && this.#memory.pauseEnds >= MAX_VANISHED) {
      this.#memory.failure = 'ResourceInitializationError: the pause container of the task does not keep running';
    }
  }

  async #openLogs(container: TaskContainer): Promise<void> {
    if (container.logs) await this.#world.logs.open(container.logs);
    const memory = this.#memory.of(container.name);
    if (memory.logs === 'closed') memory.logs = 'opened';
  }

  async #pull(spec: TaskSpec, container: TaskContainer): Promise<void> {
    const { runtime, clock, credentials } = this.#world;
    this.#memory.pullStarted(clock.now());
    try {
      const auth = await credentials(spec, container);
      this.#memory.of(container.name).image = await runtime.pull(container.pullReference, auth);
    } finally {
      this.#memory.pullStopped(clock.now());
    }
  }

  async #create(spec: TaskSpec, container: TaskContainer, pauseId: string): Promise<void> {
    const { runtime, instanceId } = this.#world;
    const memory = this.#memory.of(container.name);
    if (!memory.image) return;
    try {
      await runtime.create(containerSpec(spec, container, { instanceId, pauseId, image: memory.image }));
    } catch (error) {
      // The image was removed between pull and create: it is pulled again.
      if (isGone(error)) delete memory.image;
      // The same container, asked for by a process before this one.
      if (!(await this.#exists(spec, container))) throw error;
    }
  }

  async #exists(spec: TaskSpec, container: TaskContainer): Promise<boolean> {
    const { runtime, instanceId } = this.#world;
    const labels = { [LABEL.instance]: instanceId, [LABEL.task]: spec.taskArn, [LABEL.container]: container.name };
    return (await runtime.list(labels)).length > 0;
  }

  #follow(container: TaskContainer, id: string, onDrained: () => void): void {
    const { runtime, logs, clock, log } = this.#world;
    if (!container.logs) return;
    const memory = this.#memory.of(container.name);
    const bound = log.with({ container: container.name });
    const follower = new LogFollower(runtime, id, { sink: logs, destination: container.logs, clock, log: bound });
    memory.follower = follower;
    memory.logs = 'following';
    void this.#whenDrained(follower, memory, onDrained);
  }

  async #whenDrained(follower: LogFollower, memory: ContainerMemory, onDrained: () => void): Promise<void> {
    await follower.drained;
    memory.logs = 'drained';
    onDrained();
  }

  #failed(action: TaskAction, error: unknown): void {
    const { log } = this.#world;
    const key = actionKey(action);
    const attempts = this.#backoff.failed(key, action.do === 'plug' ? LONGEST_PLUG_DELAY_MS : undefined);
    const isFinal = this.#isFinal(action, error, attempts);
    const fields = { action: key, error: messageOf(error), attempts };
    if (isFinal) log.info('a step of a task failed', fields);
    else log.warn('a step of a task failed and is tried again', fields);
    if (isFinal) this.#giveUp(action, error, attempts);
  }

  #isFinal(action: TaskAction, error: unknown, attempts: number): boolean {
    const kind = error instanceof RuntimeError ? error.kind : 'rejected';
    switch (action.do) {
      case 'pull':
        return kind !== 'temporary' || attempts >= MAX_PULLS;
      case 'create':
      case 'start':
      case 'start-pause':
      case 'create-pause':
        return kind === 'rejected' || (kind === 'gone' && attempts >= MAX_VANISHED);
      case 'plug':
        // Its process is gone with the pause container: the next list says so.
        return kind === 'rejected';
      case 'open-logs':
        return kind !== 'temporary';
      default:
        // Going down has no way but on.
        return false;
    }
  }

  /** In ECS's wording. */
  #giveUp(action: TaskAction, error: unknown, attempts: number): void {
    const memory = this.#memory;
    const words = wordsOf(error);
    switch (action.do) {
      case 'pull':
        // Only the credentials' own service speaks so: the engine has not been asked yet.
        if (error instanceof ServiceError) memory.failure = noRegistryAuth(error);
        else memory.of(action.container).failure = `CannotPullContainerError: ${retried(attempts)}${words}`;
        break;
      case 'create':
        memory.of(action.container).failure = `CannotCreateContainerError: ${words}`;
        break;
      case 'start':
        memory.of(action.container).failure = `CannotStartContainerError: ${words}`;
        break;
      case 'open-logs':
        memory.failure = `ResourceInitializationError: failed to validate logger args: ${messageOf(error)}`;
        break;
      case 'plug':
        memory.failure = `ResourceInitializationError: failed to set up the task's network interface: ${messageOf(error)}`;
        break;
      case 'create-pause':
      case 'start-pause':
        memory.failure = `ResourceInitializationError: failed to start the task's pause container: ${words}`;
        break;
      default:
    }
  }
}

function containerOf(spec: TaskSpec, name: string): TaskContainer {
  const container = spec.containers.find((one) => one.name === name);
  if (!container) throw new Error(`task ${spec.taskArn} has no container ${name}`);
  return container;
}

/** As ECS passes on what the engine says. */
function wordsOf(error: unknown): string {
  return error instanceof RuntimeError ? `Error response from daemon: ${error.message}` : messageOf(error);
}

/** As Fargate says it: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html */
function noRegistryAuth({ code, message }: ServiceError): string {
  return (
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ' +
    `unable to retrieve ecr registry auth: service call has been retried 1 time(s): ${code}: ${message}`
  );
}

function retried(attempts: number): string {
  return attempts > 1 ? `pull image manifest has been retried ${attempts - 1} time(s): ` : '';
}

function isGone(error: unknown): boolean {
  return error instanceof RuntimeError && error.kind === 'gone';
}
