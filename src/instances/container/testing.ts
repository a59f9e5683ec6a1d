import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { sleep, systemClock } from '../../kernel/clock.ts';
import { systemIds } from '../../kernel/ids.ts';
import { silentLog } from '../../kernel/log.ts';
import { DockerRuntime } from '../../runtime/docker/docker-runtime.ts';
import { dockerSocketPath } from '../../runtime/docker/socket-path.ts';
import type { InstanceSeen } from '../instance-driver.ts';
import type { InstanceHarness } from '../suite.ts';
import { ContainerInstances } from './container-instances.ts';
import { LABEL } from './labels.ts';

const run = promisify(execFile);
const PASS_MS = 20;

/** A link that leads nowhere, and a default route over it. */
const CONNECT = `
  ip link add eth0 type veth peer name nowhere
  ip link set nowhere up
  ip link set eth0 up
  ip address add 10.0.0.11/24 dev eth0
  ip route add default via 10.0.0.1`;

export interface TestMachines extends InstanceHarness {
  readonly driver: ContainerInstances;
  readonly serverId: string;
  readonly folder: string;
}

/** A driver for a test, with a folder and an id of its own; `close` leaves nothing of it. */
export async function openTestMachines(accept: (socket: Socket) => void = () => {}): Promise<TestMachines> {
  const serverId = systemIds.hex(8);
  const folder = await mkdtemp('/tmp/ls-instances-');
  const socketPath = dockerSocketPath(process.env);
  const registry = { host: '127.0.0.1:4566', accept };
  const drivers: ContainerInstances[] = [];
  const open = () => {
    const driver = new ContainerInstances({ serverId, socketPath, folder, log: silentLog, registry });
    drivers.push(driver);
    return driver;
  };
  const first = open();
  return {
    driver: first,
    serverId,
    folder,
    restart: () => {
      for (const driver of drivers) driver.close();
      return open();
    },
    connect: connectNowhere,
    kill: async ({ pid }) => void (pid !== undefined && process.kill(pid, 'SIGKILL')),
    pass: () => sleep(systemClock, PASS_MS),
    async close() {
      for (const driver of drivers) driver.close();
      const engine = new DockerRuntime({ socketPath });
      for (const { id } of await engine.list({ [LABEL.server]: serverId })) await engine.remove(id);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function connectNowhere({ pid }: InstanceSeen): Promise<void> {
  await run('nsenter', [`--net=/proc/${pid}/ns/net`, 'sh', '-e', '-c', CONNECT]);
}
