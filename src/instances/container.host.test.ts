import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, test } from 'node:test';
import { EngineClient } from '../runtime/docker/engine-client.ts';
import { dockerSocketPath } from '../runtime/docker/socket-path.ts';
import { openTestMachines } from './container/testing.ts';
import type { TestMachines } from './container/testing.ts';
import { boot, exampleSpec, hasRun, instanceSuite, untilSeen } from './suite.ts';

const ID = exampleSpec().instanceId;
const MIB = 1024 ** 2;

instanceSuite('ContainerInstances', () => openTestMachines());

describe('instances as containers', () => {
  let machines: TestMachines;
  before(async () => {
    machines = await openTestMachines((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nthe registry answers\n'));
  });
  afterEach(() => machines.driver.terminate(ID));
  after(() => machines.close());

  /** Boots with this user data, waits until it has run and answers the console. */
  async function consoleOf(userData: string, wanted: 'done' | 'failed' = 'done'): Promise<string> {
    await boot(machines, exampleSpec({ userData: Buffer.from(userData) }));
    const seen = await untilSeen(machines, ID, hasRun);
    const text = await machines.driver.consoleOutput(ID);
    assert.equal(seen.userData, wanted, text);
    return text;
  }

  test('a cloud-config writes files and runs commands, with what a machine has', async () => {
    const config = {
      bootcmd: ['echo boot >> /etc/boots'],
      write_files: [{ path: '/etc/ecs/ecs.config', content: 'ECS_CLUSTER=web\n', permissions: '0600', append: true }],
      runcmd: [
        'hostname; cat /etc/resolv.conf; stat -c %a /etc/ecs/ecs.config',
        'docker version --format "engine {{.Server.Version}}"',
        'curl -s http://127.0.0.1:4566/v2/',
        ['cloud-init-per', 'once', 'mark', 'sh', '-c', 'echo marked'],
        'cloud-init-per once mark echo again',
      ],
      packages: ['httpd'],
    };
    const text = await consoleOf(`#cloud-config\n${JSON.stringify(config)}`, 'failed');
    for (const wanted of [
      /^ip-10-0-0-11\.ec2\.internal$/m,
      /^nameserver 10\.0\.0\.2$/m,
      /^600$/m,
      /^engine \d+\./m,
      /^the registry answers$/m,
      /^marked$/m,
      /the key 'packages' of a cloud-config is not supported/,
    ]) {
      assert.match(text, wanted);
    }
    assert.doesNotMatch(text, /^again$/m);
    await machines.driver.reboot(ID);
    await machines.connect(await untilSeen(machines, ID, ({ pid }) => pid !== undefined));
    await untilSeen(machines, ID, ({ engineReady }) => engineReady);
    assert.equal((await machines.driver.readFile(ID, '/etc/boots'))?.toString(), 'boot\nboot\n');
    assert.equal((await machines.driver.readFile(ID, '/etc/ecs/ecs.config'))?.toString(), 'ECS_CLUSTER=web\n');
  });

  test('its limits are those of its type, also of another one after a stop', async () => {
    const limits = async () => {
      const { pid } = await boot(machines, exampleSpec(sizes));
      const file = (v1: string, v2: string) => {
        const root = `/proc/${pid}/root/sys/fs/cgroup`;
        return readFile(`${root}/${v1}`, 'utf8').catch(() => readFile(`${root}/${v2}`, 'utf8'));
      };
      const memory = await file('memory/memory.limit_in_bytes', 'memory.max');
      const cpu = await file('cpu/cpu.cfs_quota_us', 'cpu.max');
      return [Number(memory), Number(cpu.split(' ')[0])];
    };
    let sizes = { cpus: 1, memoryBytes: 256 * MIB };
    assert.deepEqual(await limits(), [256 * MIB, 100_000]);
    await machines.driver.stop(ID, 10_000);
    sizes = { cpus: 2, memoryBytes: 512 * MIB };
    assert.deepEqual(await limits(), [512 * MIB, 200_000]);
  });

  test('an engine that dies comes back, and what has lost its parent is reaped', async () => {
    await consoleOf('#!/bin/sh\n(sh -c "sleep 0.01; exit 3" &)\ncp /run/docker.pid /etc/engine-pid\n');
    const inside = Number(await machines.driver.readFile(ID, '/etc/engine-pid'));
    const engine = await machines.driver.hostPid(ID, inside);
    assert.match(await readFile(`/proc/${engine}/comm`, 'utf8'), /^dockerd$/m);
    process.kill(engine ?? 0, 'SIGKILL');
    await untilSeen(machines, ID, ({ engineReady }) => !engineReady);
    const seen = await untilSeen(machines, ID, ({ engineReady }) => engineReady);
    assert.match(await machines.driver.consoleOutput(ID), /the container engine ended with code 137/);
    const zombies = async () => {
      const session = await readFile(`/proc/${seen.pid}/task/${seen.pid}/children`, 'utf8');
      const states = session
        .trim()
        .split(' ')
        .map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
      return (await Promise.all(states)).filter((stat) => / Z /.test(stat));
    };
    while ((await zombies()).length > 0) await machines.pass();
  });

  test('memory that is used up inside ends who used it, and the machine goes on', async () => {
    const userData = Buffer.from('#!/bin/sh\ntail /dev/zero\necho "it ended with $?"\n');
    const first = await boot(machines, exampleSpec({ memoryBytes: 256 * MIB, userData }));
    const seen = await untilSeen(machines, ID, hasRun);
    assert.match(await machines.driver.consoleOutput(ID), /^it ended with 137$/m);
    assert.deepEqual([seen.state, seen.bootId, seen.engineReady], ['running', first.bootId, true]);
  });

  test('it powers itself off, boots itself again, and is told from one that its host ends', async () => {
    const ended = async (how: string) => {
      await boot(machines, exampleSpec({ image: 'minimal', userData: Buffer.from(`#!/bin/sh\n${how}\n`) }));
      const seen = await untilSeen(machines, ID, ({ state }) => state === 'stopped');
      await machines.driver.terminate(ID);
      return seen.isInterrupted ?? false;
    };
    assert.equal(await ended('shutdown -h now'), false);
    assert.equal(await ended('poweroff'), false);
    assert.equal(await ended('shutdown -r now'), true);
  });

  test('its host waits for its orderly end, as long as that may take', async () => {
    await machines.driver.start(exampleSpec({ image: 'minimal' }));
    const engine = new EngineClient(dockerSocketPath(process.env));
    const { body } = await engine.call({ path: `/containers/ls-${machines.serverId}-${ID}/json` });
    assert.equal((body as { Config: { StopTimeout: number } }).Config.StopTimeout, 75);
  });

  test('user data that is cut short is not run again', async () => {
    const userData = Buffer.from('#!/bin/sh\necho begun >> /etc/begun\nsleep 600\n');
    await boot(machines, exampleSpec({ image: 'minimal', userData }));
    while ((await machines.driver.readFile(ID, '/etc/begun')) === undefined) await machines.pass();
    assert.equal((await machines.driver.inspect(ID))?.userData, 'running');
    await machines.driver.stop(ID, 10_000);
    assert.equal((await machines.driver.inspect(ID))?.userData, 'failed');
    await boot(machines, exampleSpec({ image: 'minimal', userData }));
    assert.equal((await untilSeen(machines, ID, hasRun)).userData, 'failed');
    assert.equal((await machines.driver.readFile(ID, '/etc/begun'))?.toString(), 'begun\n');
  });
});
