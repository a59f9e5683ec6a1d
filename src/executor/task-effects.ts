import { messageOf } from '../kernel/errors.ts';
import type { Backoff } from './backoff.ts';
import { environmentWith, hideSecrets } from './container-environment.ts';
import { containerSpec, pauseSpec } from './container-spec.ts';
import type { TaskContainer, TaskSpec } from './executor.ts';
import { LABEL } from './labels.ts';
import { LogFollower } from './log-follower.ts';
import { ensurePauseImage } from './pause-image.ts';
import { actionKey, type TaskAction } from './task-action.ts';
import { failureOf, isFinal, isGone, MAX_VANISHED } from './task-failure.ts';
import type { ContainerMemory, TaskMemory } from './task-memory.ts';
import { interfaceOf } from './task-network.ts';
import { ensureCgroup, ensureVolume, removeVolumes, resolveTaskSecrets } from './task-resources.ts';
import { sizeText, stepText, type TaskTimeline } from './task-timeline.ts';
import type { TaskWorld } from './task-world.ts';

/** How long STOPPED may wait for the last lines while none of them can be stored. */
const DRAIN_LIMIT_MS = 5000;
/** The network learns of a new interface some milliseconds after the executor. */
const LONGEST_PLUG_DELAY_MS = 200;

/** Does what a plan says for one task: the only place with effects. What came of it goes into the memory. */
export class TaskEffects {
  readonly #world: TaskWorld;
  readonly #memory: TaskMemory;
  readonly #backoff: Backoff;
  readonly #timeline: TaskTimeline;

  constructor(world: TaskWorld, memory: TaskMemory, backoff: Backoff, timeline: TaskTimeline) {
    this.#world = world;
    this.#memory = memory;
    this.#backoff = backoff;
    this.#timeline = timeline;
  }

  /** Never rejects: what fails is tried again after a while, or ends the task or the container. */
  async run(spec: TaskSpec, action: TaskAction, onDrained: () => void): Promise<void> {
    const key = actionKey(action);
    try {
      await this.#perform(spec, action, onDrained);
      this.#backoff.succeeded(key);
      const text = stepText(action);
      if (text !== undefined) this.#timeline.say(text);
    } catch (error) {
      this.#failed(spec, action, error);
    }
  }

  async #perform(spec: TaskSpec, action: TaskAction, onDrained: () => void): Promise<void> {
    const { runtime } = this.#world;
    switch (action.do) {
      case 'create-pause':
        return this.#createPause(spec);
      case 'start-pause':
      case 'start':
      case 'restart':
        return runtime.start(action.id);
      case 'plug':
      case 'unplug':
        return this.#connect(spec, action);
      case 'open-logs':
        return this.#openLogs(containerOf(spec, action.container));
      case 'pull':
        return this.#pull(spec, containerOf(spec, action.container));
      case 'create':
        return this.#create(spec, containerOf(spec, action.container), action.pauseId);
      case 'follow-logs':
        return this.#follow(containerOf(spec, action.container), action.id, onDrained);
      case 'stop':
        this.#memory.of(action.container).wasStopped = true;
        this.#timeline.sayOnce(`${action.container}: stopping, for up to ${action.timeoutMs / 1000} s`);
        return runtime.stop(action.id, action.timeoutMs);
      case 'drain-logs':
        return this.#drain(action.container);
      case 'stop-pause':
        return runtime.stop(action.id, 0);
      case 'remove':
        return runtime.remove(action.id);
      case 'remove-pause':
        await runtime.remove(action.id);
        return this.#pauseEnded();
      default:
        return this.#performForTask(spec, action);
    }
  }

  /** What the task has beside its containers. */
  async #performForTask(spec: TaskSpec, action: TaskAction): Promise<void> {
    const memory = this.#memory;
    switch (action.do) {
      case 'ensure-cgroup':
        memory.cgroup = await ensureCgroup(this.#world, spec);
        return;
      case 'resolve-secrets':
        memory.secrets = await resolveTaskSecrets(this.#world, spec);
        return this.#timeline.say(`secrets fetched for ${[...memory.secrets.keys()].join(', ')}`);
      case 'create-volume':
        await ensureVolume(this.#world, spec, action.volume);
        memory.volumes.add(action.volume);
        return;
      case 'remove-volumes':
        await removeVolumes(this.#world, spec.taskArn);
        memory.volumesRemoved = true;
        return;
      case 'remove-cgroup':
        await this.#world.networkFiles?.remove(spec.taskId);
        await this.#world.cgroups.remove(spec.taskId);
        memory.cgroupRemoved = true;
        return;
      default:
    }
  }

  async #connect(spec: TaskSpec, action: TaskAction & { readonly do: 'plug' | 'unplug' }): Promise<void> {
    const { network } = this.#world;
    const own = interfaceOf(spec);
    if (!own) return;
    if (action.do === 'plug') await network.plug(own.vpcId, own.interfaceId, action.pid);
    else await network.unplug(own.vpcId, own.interfaceId);
    if (action.do === 'plug') this.#memory.plugged = true;
    else this.#memory.unplugged = true;
  }

  async #createPause(spec: TaskSpec): Promise<void> {
    const { runtime, instanceId, pauseImage, networkFiles } = this.#world;
    const cgroupParent = this.#memory.cgroup?.parent;
    const wanted = pauseSpec(spec, {
      instanceId,
      image: pauseImage,
      engineWritesFiles: networkFiles === undefined,
      ...(cgroupParent === undefined ? {} : { cgroupParent }),
    });
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
    const { images, clock } = this.#world;
    const startedAtMs = clock.now();
    this.#memory.pullStarted(startedAtMs);
    try {
      let pulledBytes: number | undefined;
      const pulled = await images.pull(spec, container, (progress) => (pulledBytes = progress.pulledBytes));
      const { image, wasPresent } = pulled;
      this.#memory.of(container.name).image = image;
      const seconds = ((clock.now() - startedAtMs) / 1000).toFixed(1);
      const size = sizeText(pulledBytes ?? image.sizeBytes);
      const text = wasPresent ? `${container.image} was there` : `pulled ${container.image} in ${seconds} s (${size})`;
      this.#timeline.say(`${container.name}: ${text}`);
    } finally {
      this.#memory.pullStopped(clock.now());
    }
  }

  async #create(spec: TaskSpec, container: TaskContainer, pauseId?: string): Promise<void> {
    const { runtime, instanceId, networkFiles, portRanges } = this.#world;
    const { secrets, cgroup } = this.#memory;
    const memory = this.#memory.of(container.name);
    const { image } = memory;
    if (!image) return;
    const resolved = secrets?.get(container.name);
    const { taskId } = spec;
    const own = interfaceOf(spec);
    const place = {
      instanceId,
      image,
      ...(pauseId === undefined ? {} : { pauseId }),
      ...(own && networkFiles ? { networkFiles: await networkFiles.ensure({ taskId, network: own }) } : {}),
      ...(cgroup?.parent === undefined ? {} : { cgroupParent: cgroup.parent }),
      ...(resolved ? { environment: environmentWith(container, resolved) } : {}),
    };
    try {
      await portRanges.creating(container.portRanges ?? [], (hostRanges) =>
        runtime.create(containerSpec(spec, container, { ...place, hostRanges })),
      );
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
    setDrained(memory);
    onDrained();
  }

  async #drain(container: string): Promise<void> {
    const memory = this.#memory.of(container);
    await memory.follower?.drain(DRAIN_LIMIT_MS);
    setDrained(memory);
  }

  #failed(spec: TaskSpec, action: TaskAction, error: unknown): void {
    const { log } = this.#world;
    const key = actionKey(action);
    const attempts = this.#backoff.failed(key, action.do === 'plug' ? LONGEST_PLUG_DELAY_MS : undefined);
    const isOver = isFinal(action, error, attempts);
    const fields = { action: key, error: this.#hide(messageOf(error)), attempts };
    if (isOver) log.info('a step of a task failed', fields);
    else log.warn('a step of a task failed and is tried again', fields);
    const failure = isOver ? failureOf(spec, action, error, attempts) : undefined;
    if (!failure) return;
    const reason = this.#hide(failure.reason);
    this.#timeline.say(failure.container === undefined ? reason : `${failure.container}: ${reason}`);
    if (failure.container === undefined) this.#memory.failure = reason;
    else this.#memory.of(failure.container).failure = reason;
  }

  #hide(text: string): string {
    return hideSecrets(text, this.#memory.secrets?.values() ?? []);
  }
}

function setDrained(memory: ContainerMemory): void {
  memory.logs = 'drained';
  if (memory.startedAtMs !== undefined) memory.drainedAtMs = memory.startedAtMs;
}

function containerOf(spec: TaskSpec, name: string): TaskContainer {
  const container = spec.containers.find((one) => one.name === name);
  if (!container) throw new Error(`task ${spec.taskArn} has no container ${name}`);
  return container;
}
