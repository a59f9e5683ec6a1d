import type { Clock } from '../../kernel/clock.ts';
import { RuntimeError } from '../../kernel/errors.ts';
import { FakeRuntime } from '../../runtime/fake/fake-runtime.ts';
import type { ContainerRuntime } from '../../runtime/runtime.ts';
import type { InstanceDriver, InstanceSeen, InstanceSpec } from '../instance-driver.ts';
import { FakeInstance } from './fake-instance.ts';
import { runScript } from './fake-script.ts';

export type FakeInstanceOperation = 'start' | 'stop' | 'terminate' | 'reboot';

/** The host below the driver: it outlives a server, as containers do. */
export class FakeInstanceHost {
  readonly instances = new Map<string, FakeInstance>();
  readonly watchers = new Set<(instanceId: string) => void>();
  boots = 0;
}

/**
 * Instances in memory. Their engines are `FakeRuntime`s, which answer at once; user data has run at once too, as far as
 * fake-script.ts goes, unless `holdUserData` is set. Tests end instances, fail calls and print to consoles.
 */
export class FakeInstances implements InstanceDriver {
  readonly host: FakeInstanceHost;
  /** What was asked, in order: `start i-1`, ... */
  readonly calls: string[] = [];
  /** User data stays `running` until `completeUserData`. */
  holdUserData = false;
  readonly #clock: Clock;
  readonly #failures: { operation: FakeInstanceOperation; instanceId: string; error: Error; times: number }[] = [];

  constructor(options: { readonly clock: Clock; readonly host?: FakeInstanceHost }) {
    this.#clock = options.clock;
    this.host = options.host ?? new FakeInstanceHost();
  }

  /** The next `times` calls about that instance (or '' for any) reject with `error`. */
  fail(operation: FakeInstanceOperation, instanceId: string, error: Error, times = 1): void {
    this.#failures.push({ operation, instanceId, error, times });
  }

  /** It ends by itself, as when its init is killed. */
  end(instanceId: string): void {
    this.#need(instanceId).end();
    this.#notify(instanceId);
  }

  /** Its host ends it, as when its engine restarts. */
  interrupt(instanceId: string): void {
    this.#need(instanceId).end(true);
    this.#notify(instanceId);
  }

  /** User data that was held ends, having run or with this outcome. */
  completeUserData(instanceId: string, outcome?: 'done' | 'failed'): void {
    const instance = this.#need(instanceId);
    instance.userData = outcome ?? runScript(instance);
  }

  print(instanceId: string, text: string): void {
    this.#need(instanceId).console += text;
  }

  putFile(instanceId: string, path: string, content: string | Buffer): void {
    this.#need(instanceId).files.set(path, Buffer.from(content as string));
  }

  /** What it was started with last. */
  specOf(instanceId: string): InstanceSpec {
    return this.#need(instanceId).spec;
  }

  /** Its engine itself, with hooks of its own. */
  engineOf(instanceId: string): FakeRuntime {
    return this.#need(instanceId).engine;
  }

  async start(spec: InstanceSpec): Promise<void> {
    this.#enter('start', spec.instanceId);
    const { instances } = this.host;
    const known = instances.get(spec.instanceId);
    if (known?.isRunning) return;
    const instance = known ?? new FakeInstance(spec, new FakeRuntime({ clock: this.#clock }));
    instances.set(spec.instanceId, instance);
    instance.spec = spec;
    this.#boot(instance);
  }

  async stop(instanceId: string, _timeoutMs: number): Promise<void> {
    this.#enter('stop', instanceId);
    const instance = this.host.instances.get(instanceId);
    if (!instance?.isRunning) return;
    instance.end();
    this.#notify(instanceId);
  }

  async terminate(instanceId: string): Promise<void> {
    this.#enter('terminate', instanceId);
    const instance = this.host.instances.get(instanceId);
    if (!instance) return;
    instance.end();
    this.host.instances.delete(instanceId);
    this.#notify(instanceId);
  }

  async reboot(instanceId: string): Promise<void> {
    this.#enter('reboot', instanceId);
    const instance = this.#need(instanceId);
    instance.end();
    this.#boot(instance);
  }

  async inspect(instanceId: string): Promise<InstanceSeen | undefined> {
    return this.host.instances.get(instanceId)?.seen;
  }

  async list(): Promise<readonly InstanceSeen[]> {
    return [...this.host.instances.values()].map(({ seen }) => seen);
  }

  async *events(signal: AbortSignal): AsyncGenerator<{ readonly instanceId: string }> {
    const queue: string[] = [];
    let wake = () => {};
    const watcher = (instanceId: string) => {
      queue.push(instanceId);
      wake();
    };
    const abort = () => wake();
    this.host.watchers.add(watcher);
    signal.addEventListener('abort', abort);
    try {
      while (!signal.aborted) {
        const instanceId = queue.shift();
        if (instanceId === undefined) await new Promise<void>((resolve) => (wake = resolve));
        else yield { instanceId };
      }
    } finally {
      this.host.watchers.delete(watcher);
      signal.removeEventListener('abort', abort);
    }
  }

  async consoleOutput(instanceId: string): Promise<string> {
    return this.#need(instanceId).console.slice(-64 * 1024);
  }

  async readFile(instanceId: string, path: string): Promise<Buffer | undefined> {
    return this.host.instances.get(instanceId)?.files.get(path);
  }

  runtimeOf(instanceId: string): ContainerRuntime {
    const engine = () => {
      const instance = this.host.instances.get(instanceId);
      if (instance?.seen.engineReady) return instance.engine;
      throw new RuntimeError('temporary', `The engine of ${instanceId} does not answer`);
    };
    return whileItAnswers(engine);
  }

  async hostPid(instanceId: string, pid: number): Promise<number | undefined> {
    const { pid: init } = this.host.instances.get(instanceId)?.seen ?? {};
    return init === undefined ? undefined : init + pid - 1;
  }

  #boot(instance: FakeInstance): void {
    this.host.boots += 1;
    instance.boot(this.host.boots);
    if (instance.userData === 'pending') {
      instance.userData = instance.spec.userData && this.holdUserData ? 'running' : runScript(instance);
    }
    this.#notify(instance.spec.instanceId);
  }

  #need(instanceId: string): FakeInstance {
    const instance = this.host.instances.get(instanceId);
    if (!instance) throw new RuntimeError('gone', `There is no instance ${instanceId}`);
    return instance;
  }

  #enter(operation: FakeInstanceOperation, instanceId: string): void {
    this.calls.push(`${operation} ${instanceId}`);
    const failure = this.#failures.find(
      (one) => one.operation === operation && one.times > 0 && ['', instanceId].includes(one.instanceId),
    );
    if (!failure) return;
    failure.times -= 1;
    throw failure.error;
  }

  #notify(instanceId: string): void {
    for (const watcher of this.host.watchers) watcher(instanceId);
  }
}

/** The runtime that `engine` answers now; it throws where there is none, and so does every call. */
function whileItAnswers(engine: () => FakeRuntime): ContainerRuntime {
  return {
    info: async () => engine().info(),
    pull: async (...args) => engine().pull(...args),
    inspectImage: async (reference) => engine().inspectImage(reference),
    importImage: async (...args) => engine().importImage(...args),
    create: async (spec) => engine().create(spec),
    start: async (id) => engine().start(id),
    stop: async (...args) => engine().stop(...args),
    remove: async (id) => engine().remove(id),
    inspect: async (id) => engine().inspect(id),
    list: async (labels) => engine().list(labels),
    async *logs(...args) {
      yield* engine().logs(...args);
    },
    async *events(...args) {
      yield* engine().events(...args);
    },
    createVolume: async (volume) => engine().createVolume(volume),
    removeVolume: async (name) => engine().removeVolume(name),
    listVolumes: async (labels) => engine().listVolumes(labels),
    exec: async (...args) => engine().exec(...args),
    stats: async (id) => engine().stats(id),
  };
}
