import type { FakeRuntime } from '../../runtime/fake/fake-runtime.ts';
import type { InstanceSeen, InstanceSpec } from '../instance-driver.ts';

/** Ids of processes, a range for each boot. */
const PIDS_EACH = 10_000;

/** One instance of the fake: what it was started with, its disk, its console and its engine. */
export class FakeInstance {
  spec: InstanceSpec;
  readonly engine: FakeRuntime;
  readonly files = new Map<string, Buffer>();
  console = '';
  userData: InstanceSeen['userData'] = 'pending';
  #boot = 0;
  #isRunning = false;
  #isInterrupted = false;

  constructor(spec: InstanceSpec, engine: FakeRuntime) {
    this.spec = spec;
    this.engine = engine;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get seen(): InstanceSeen {
    return {
      instanceId: this.spec.instanceId,
      state: this.#isRunning ? 'running' : 'stopped',
      ...(this.#isRunning ? { pid: this.#boot * PIDS_EACH } : {}),
      bootId: `boot-${this.#boot}`,
      userData: this.userData,
      engineReady: this.#isRunning && this.spec.image === 'ecs-optimized',
      ...(this.#isInterrupted ? { isInterrupted: true } : {}),
    };
  }

  /** @param boot counts up over all instances */
  boot(boot: number): void {
    this.#boot = boot;
    this.#isRunning = true;
    this.#isInterrupted = false;
    this.console = `init: this is ${this.spec.hostname}\n`;
  }

  end(isInterrupted = false): void {
    this.#isRunning = false;
    this.#isInterrupted = isInterrupted;
    if (this.userData === 'running') this.userData = 'failed';
    for (const name of this.engine.names()) this.engine.container(name).exit(137);
  }
}
