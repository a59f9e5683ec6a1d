import type { Clock } from '../../kernel/clock.ts';
import type { ContainerSpec, ContainerState, LogLine, PortBinding } from '../runtime.ts';

/** What a container of a fake image does once it is started. */
export interface FakeProgram {
  readonly output?: readonly { readonly text: string; readonly stream?: LogLine['stream'] }[];
  /** Ends by itself with it; without it, it runs until it is stopped. */
  readonly exitCode?: number;
  /** After the start; 0 where nothing is said. */
  readonly exitAfterMs?: number;
  /** What it answers SIGTERM with: 143 where nothing is said. */
  readonly termExitCode?: number;
  /** Only SIGKILL ends it. */
  readonly ignoresTerm?: boolean;
  /** The first verdict of the health check, if the container has one. */
  readonly health?: 'healthy' | 'unhealthy';
  readonly healthAfterMs?: number;
  /** The engine's words when it cannot be started at all. */
  readonly startError?: string;
}

/** One container of the fake: its state, and the lines it printed. */
export class FakeContainer {
  readonly spec: ContainerSpec;
  readonly program: FakeProgram;
  readonly lines: LogLine[] = [];
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #watchers = new Set<() => void>();
  readonly #timers: (() => void)[] = [];
  #state: ContainerState;

  constructor(
    id: string,
    spec: ContainerSpec,
    imageId: string,
    program: FakeProgram,
    clock: Clock,
    onChange: () => void,
  ) {
    this.spec = spec;
    this.program = program;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#state = {
      id,
      name: spec.name,
      labels: spec.labels,
      image: spec.image,
      imageId,
      status: 'created',
      createdAtMs: clock.now(),
    };
  }

  get state(): ContainerState {
    return this.#state;
  }

  start(pid: number, ports: readonly PortBinding[] = []): void {
    const { id, name, labels, image, imageId, createdAtMs } = this.#state;
    const hasCheck = this.spec.healthCheck !== undefined && this.spec.healthCheck.test[0] !== 'NONE';
    this.#set({
      id,
      name,
      labels,
      image,
      imageId,
      createdAtMs,
      status: 'running',
      pid,
      startedAtMs: this.#clock.now(),
      ...(hasCheck ? { health: 'starting' } : {}),
      ...(ports.length > 0 ? { ports } : {}),
    });
    for (const { text, stream } of this.program.output ?? []) this.print(text, stream);
    const { exitCode, exitAfterMs = 0, health, healthAfterMs = 0 } = this.program;
    if (hasCheck && health) this.#later(healthAfterMs, () => this.setHealth(health));
    if (exitCode === undefined) return;
    if (exitAfterMs === 0) this.exit(exitCode);
    else this.#later(exitAfterMs, () => this.exit(exitCode));
  }

  failStart(error: string): void {
    this.#set({ ...this.#state, error });
  }

  exit(exitCode: number, options: { readonly oomKilled?: boolean } = {}): void {
    if (this.#state.status !== 'running') return;
    for (const cancel of this.#timers.splice(0)) cancel();
    const { pid: _pid, ports: _ports, ...rest } = this.#state;
    this.#set({
      ...rest,
      status: 'exited',
      // As Docker Engine says of whatever has ended.
      ...(rest.health ? { health: 'unhealthy' } : {}),
      exitCode,
      finishedAtMs: this.#clock.now(),
      ...(options.oomKilled ? { oomKilled: true } : {}),
    });
  }

  setHealth(health: NonNullable<ContainerState['health']>): void {
    if (this.#state.status === 'running') this.#set({ ...this.#state, health });
  }

  print(text: string, stream: LogLine['stream'] = 'stdout'): void {
    if (this.spec.discardOutput) return;
    // A terminal has one stream.
    this.lines.push({ timeMs: this.#clock.now(), stream: this.spec.pseudoTerminal ? 'stdout' : stream, text });
    this.#wake();
  }

  /** Resolves when the container has printed or changed, or `signal` aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        this.#watchers.delete(finish);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      if (signal.aborted) return resolve();
      this.#watchers.add(finish);
      signal.addEventListener('abort', finish, { once: true });
    });
  }

  /** Like a container that is taken away: whoever follows it sees its end. */
  vanish(): void {
    this.exit(137);
    this.#wake();
  }

  #later(delayMs: number, fn: () => void): void {
    this.#timers.push(this.#clock.after(delayMs, fn));
  }

  #set(state: ContainerState): void {
    this.#state = state;
    this.#wake();
    this.#onChange();
  }

  #wake(): void {
    const watchers = [...this.#watchers];
    for (const watcher of watchers) watcher();
  }
}
