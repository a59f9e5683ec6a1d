import assert from 'node:assert/strict';
import { FakeClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { FakeCgroups } from '../runtime/cgroups/fake-cgroups.ts';
import { FakeRuntime } from '../runtime/fake/fake-runtime.ts';
import { FakeNetworkFiles } from './fake-network-files.ts';
import type { LogDestination, LogSink, TaskReport } from './executor.ts';
import { LocalExecutor, type LocalExecutorOptions } from './local-executor.ts';
import { PAUSE_IMAGE } from './pause-image.ts';
import { settle } from './testing.ts';

interface Line {
  readonly timeMs: number;
  readonly message: string;
}

/** A host in memory for tests of the executor: engine, network, log sink and a control plane that notes reports. */
export class FakeWorld {
  readonly clock = new FakeClock();
  readonly runtime: FakeRuntime;
  readonly reports: TaskReport[] = [];
  readonly plugs: string[] = [];
  readonly cgroups = new FakeCgroups();
  readonly networkFiles = new FakeNetworkFiles();
  /** The texts of every task's timeline. */
  readonly timeline: string[] = [];
  readonly sink = new FakeLogSink();
  /** Thrown, one after another, by the next plugs or reports. */
  readonly plugErrors: Error[] = [];
  readonly reportErrors: Error[] = [];
  /** Somebody has deleted every interface; plugging mends it. */
  isCutOff = false;
  /** As on an instance. */
  engineWritesFiles = false;

  constructor(runtimeOn: (clock: FakeClock) => FakeRuntime = (clock) => new FakeRuntime({ clock })) {
    this.runtime = runtimeOn(this.clock);
    this.runtime.addImage(PAUSE_IMAGE, { local: true });
  }

  readonly network: LocalExecutorOptions['network'] = {
    plug: async (_vpcId, interfaceId, pid) => {
      const error = this.plugErrors.shift();
      if (error) throw error;
      this.plugs.push(`plug ${interfaceId} ${pid > 0}`);
      this.isCutOff = false;
    },
    isPlugged: async () => !this.isCutOff,
    unplug: async (_vpcId, interfaceId) => void this.plugs.push(`unplug ${interfaceId}`),
  };

  readonly report = async (report: TaskReport): Promise<void> => {
    const error = this.reportErrors.shift();
    if (error) throw error;
    this.reports.push(report);
  };

  executor(options: Partial<LocalExecutorOptions> = {}): LocalExecutor {
    return new LocalExecutor({
      runtime: this.runtime,
      network: this.network,
      cgroups: this.cgroups,
      ...(this.engineWritesFiles ? {} : { networkFiles: this.networkFiles }),
      clock: this.clock,
      log: silentLog,
      instanceId: 'abcd1234',
      report: this.report,
      logs: this.sink,
      credentials: async () => undefined,
      resolveSecrets: async () => ({ secrets: {}, environmentFiles: [] }),
      note: (_taskArn, { text }) => void this.timeline.push(text),
      pauseImage: PAUSE_IMAGE,
      ...options,
    });
  }

  get last(): TaskReport | undefined {
    return this.reports.at(-1);
  }

  /** Moves time on until it holds. */
  async until(check: () => boolean, limitMs = 60_000): Promise<void> {
    await settle();
    for (let waitedMs = 0; !check(); waitedMs += 10) {
      assert.ok(waitedMs < limitMs, `never: ${check.toString()} ${JSON.stringify(this.last)}`);
      this.clock.advance(10);
      await settle();
    }
  }

  async untilStatus(status: TaskReport['status']): Promise<TaskReport> {
    await this.until(() => this.last?.status === status);
    assert.ok(this.last);
    return this.last;
  }

  /** What was asked of the engine, without the questions. */
  get steps(): string[] {
    return this.runtime.calls
      .filter((call) => !/^(list|logs|info)/.test(call))
      .map((call) => call.replace(/ls-abcd1234-\w+?(?=[-.])/, ''));
  }
}

export class FakeLogSink implements LogSink {
  readonly lines = new Map<string, Line[]>();
  readonly batches: number[] = [];
  openError: Error | undefined;
  /** Thrown, one after another, by the next appends. */
  readonly appendErrors: Error[] = [];

  async open(destination: LogDestination): Promise<void> {
    if (this.openError) throw this.openError;
    if (!this.lines.has(destination.stream)) this.lines.set(destination.stream, []);
  }

  async append(destination: LogDestination, events: readonly Line[]): Promise<void> {
    const error = this.appendErrors.shift();
    if (error) throw error;
    this.batches.push(events.length);
    this.lines.get(destination.stream)?.push(...events);
  }

  async position(destination: LogDestination): Promise<{ timeMs: number; linesAtTime: number } | undefined> {
    const lines = this.lines.get(destination.stream) ?? [];
    const timeMs = lines.at(-1)?.timeMs;
    if (timeMs === undefined) return undefined;
    return { timeMs, linesAtTime: lines.filter((line) => line.timeMs === timeMs).length };
  }

  texts(stream: string): string[] {
    return (this.lines.get(stream) ?? []).map(({ message }) => message);
  }
}
