import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { once } from 'node:events';
import type { LogSink, TaskReport, TaskSpec } from '../executor/executor.ts';
import type { FleetExecutor } from '../executor/fleet-executor.ts';
import { writeTar } from '../instances/container/tar.ts';
import { openTestMachines } from '../instances/container/testing.ts';
import type { TestMachines } from '../instances/container/testing.ts';
import type { InstanceSeen } from '../instances/instance-driver.ts';
import { exampleSpec, untilSeen } from '../instances/suite.ts';
import { sleep, systemClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { TestHost, fetchFrom, namespaceOf } from '../network/linux/testing.ts';
import { exampleInterface, exampleVpc } from '../network/suite.ts';
import { DockerRuntime } from '../runtime/docker/docker-runtime.ts';
import { dockerSocketPath } from '../runtime/docker/socket-path.ts';
import { tinyRegistry } from '../runtime/docker/tiny-registry.ts';
import { openExecutor } from './executors.ts';

export const VPC = 'vpc-itasks';
export const INSTANCE = exampleSpec().instanceId;
/** Of the instance itself, of who calls from elsewhere in the VPC, and of a task. */
export const PRIMARY = exampleInterface(11);
const CALLER = exampleInterface(12);
export const TASK = exampleInterface(13);
/** As ECR's images are named for the engine; behind a password. */
export const IMAGE = '127.0.0.1:4566/private:1';
const AUTH = { username: 'AWS', password: 'of the instance tasks', serverAddress: '127.0.0.1:4566' };
const METADATA_PORT = 35_381;

/** An instance in a VPC with a caller beside it, a registry, and an executor whose reports and lines are kept. */
export class InstanceTasksLab {
  readonly reports: TaskReport[] = [];
  readonly lines: { readonly stream: string; readonly timeMs: number; readonly message: string }[] = [];
  /** What tasks have asked at 169.254.170.2, and from which VPC. */
  readonly asked: string[] = [];
  readonly host = new TestHost({
    instanceId: '7e57000e',
    transitCidr: '198.19.203.0/26',
    publicCidr: '198.18.203.0/26',
    dnsPort: 35_354,
    metadataPort: METADATA_PORT,
  });
  machines!: TestMachines;
  executor!: FleetExecutor;
  readonly #sink: LogSink = {
    open: async () => {},
    append: async ({ stream }, events) => void this.lines.push(...events.map((line) => ({ stream, ...line }))),
    position: async ({ stream }) => {
      const stored = this.lines.filter((line) => line.stream === stream);
      const timeMs = stored.at(-1)?.timeMs;
      if (timeMs === undefined) return undefined;
      return { timeMs, linesAtTime: stored.filter((line) => line.timeMs === timeMs).length };
    },
  };
  #home = '';
  #caller = '';
  #metadata!: Server;

  async open(): Promise<void> {
    const { network } = this.host;
    await network.removeAll();
    await network.apply(exampleVpc(VPC, 4, [PRIMARY, CALLER, TASK]));
    const pid = await this.host.startProcess();
    await network.plug(VPC, CALLER.interfaceId, pid);
    this.#caller = namespaceOf(pid);
    this.#home = await mkdtemp('/tmp/ls-instance-tasks-');
    const registry = await registryServer();
    this.machines = await openTestMachines((socket) => void registry.emit('connection', socket));
    this.#metadata = createServer((request, response) => {
      const vpc = network.vpcOfTransit(request.socket.remoteAddress?.replace('::ffff:', '') ?? '');
      this.asked.push(`${request.url} ${vpc}`);
      response.end('credentials');
    });
    await once(this.#metadata.listen(METADATA_PORT, '0.0.0.0'), 'listening');
    this.executor = this.newExecutor();
  }

  /** Boots the instance, or finds that it runs. */
  async boot(): Promise<InstanceSeen> {
    const { driver } = this.machines;
    await driver.start(exampleSpec({ cpus: 2 }));
    const { pid = 0 } = (await driver.inspect(INSTANCE)) ?? {};
    await this.host.network.plug(VPC, PRIMARY.interfaceId, pid);
    return untilSeen(this.machines, INSTANCE, ({ engineReady }) => engineReady);
  }

  /** As of another process of the server. */
  newExecutor(): FleetExecutor {
    const { driver, serverId } = this.machines;
    this.executor = openExecutor(
      { clock: systemClock, log: silentLog, home: { path: this.#home, instanceId: serverId } },
      {
        runtime: new DockerRuntime({ socketPath: dockerSocketPath(process.env) }),
        network: this.host.network,
        driver,
        logs: this.#sink,
        credentials: async () => AUTH,
        resolveSecrets: async () => ({ secrets: {}, environmentFiles: [] }),
        note: () => {},
        report: async (report) => void this.reports.push(report),
      },
    );
    return this.executor;
  }

  /** The last report of the task, once it says so. */
  async until(spec: TaskSpec, status: TaskReport['status']): Promise<TaskReport> {
    for (let round = 0; ; round++) {
      const last = this.reports.findLast(({ taskArn }) => taskArn === spec.taskArn);
      if (last?.status === status) return last;
      assert.ok(round < 3000, `never ${status}: ${JSON.stringify(last)}`);
      assert.ok(status === 'STOPPED' || last?.status !== 'STOPPED', JSON.stringify(last));
      await sleep(systemClock, 10);
    }
  }

  /** Until containers have printed so many lines since there were `from`. */
  async untilLines(from: number, count: number): Promise<void> {
    while (this.lines.length < from + count) await sleep(systemClock, 10);
  }

  /** What answers to another machine of the VPC. */
  async answer(url: string): Promise<string> {
    for (;;) {
      const text = await fetchFrom(this.#caller, url);
      if (text !== 'nothing') return text;
    }
  }

  /** Once nothing of the task is left on the instance. */
  async untilGone(): Promise<void> {
    while ((await this.machines.driver.runtimeOf(INSTANCE).list({})).length > 0) await sleep(systemClock, 10);
  }

  async close(): Promise<void> {
    await this.executor.close();
    await this.machines.close();
    await this.host.close();
    this.#metadata.closeAllConnections();
    this.#metadata.close();
    await rm(this.#home, { recursive: true, force: true });
  }
}

async function registryServer(): Promise<Server> {
  const content = await readFile('/bin/busybox');
  const layer = await writeTar([
    { kind: 'folder', path: 'bin', mode: 0o755 },
    { kind: 'file', path: 'bin/busybox', mode: 0o755, content },
  ]);
  return tinyRegistry(AUTH.username, AUTH.password, layer).server;
}
