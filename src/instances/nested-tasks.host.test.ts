import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, afterEach, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { systemClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { TestHost, fetchFrom, namespaceOf } from '../network/linux/testing.ts';
import { exampleInterface, exampleVpc } from '../network/suite.ts';
import { HostCgroups } from '../runtime/cgroups/host-cgroups.ts';
import { tinyRegistry } from '../runtime/docker/tiny-registry.ts';
import { InstanceFolder } from './container/seed.ts';
import { writeTar } from './container/tar.ts';
import { openTestMachines } from './container/testing.ts';
import type { TestMachines } from './container/testing.ts';
import type { InstanceSeen } from './instance-driver.ts';
import { exampleSpec, hasRun, untilSeen } from './suite.ts';

const run = promisify(execFile);
const MIB = 1024 ** 2;
const VPC = 'vpc-instances';
const ONE = exampleSpec().instanceId;
const TWO = 'i-0fedcba9876543210';
const IMAGE = 'longshore-nested:1';
type Eni = ReturnType<typeof exampleInterface>;
const FIRST = exampleInterface(11);
const SECOND = exampleInterface(12);
const CALLER = exampleInterface(13);
const TASK = exampleInterface(14);
const AUTH = { username: 'AWS', password: 'a password', serverAddress: '127.0.0.1:4566' };

const serve = (text: string, port = 80) => [
  '/bin/busybox',
  'sh',
  '-c',
  `mkdir -p /www && echo '${text}' > /www/index.html && exec busybox httpd -f -p ${port} -h /www`,
];

describe('what runs on instances', () => {
  const registry = tinyRegistry(AUTH.username, AUTH.password);
  const relay = createServer((request, response) => void registry.server.emit('request', request, response));
  const host = new TestHost({
    instanceId: '7e57000b',
    transitCidr: '198.19.202.0/26',
    publicCidr: '198.18.202.0/26',
    dnsPort: 35_353,
    metadataPort: 35_380,
  });
  let machines: TestMachines;
  let caller = '';
  let image: Buffer;

  before(async () => {
    await host.network.removeAll();
    await host.network.apply(exampleVpc(VPC, 3, [FIRST, SECOND, CALLER, TASK]));
    const pid = await host.startProcess();
    await host.network.plug(VPC, CALLER.interfaceId, pid);
    caller = namespaceOf(pid);
    const content = await readFile('/bin/busybox');
    image = await writeTar([
      { kind: 'folder', path: 'bin', mode: 0o755 },
      { kind: 'file', path: 'bin/busybox', mode: 0o755, content },
    ]);
    machines = await openTestMachines((socket) => void relay.emit('connection', socket));
  });
  afterEach(async () => {
    for (const { instanceId } of await machines.driver.list()) await machines.driver.terminate(instanceId);
  });
  after(async () => {
    await machines.close();
    await host.close();
  });

  /** An instance at the interface, with the image on it. */
  async function launch(instanceId: string, eni: Eni): Promise<InstanceSeen> {
    const { driver } = machines;
    await driver.start(exampleSpec({ instanceId, cpus: 2 }));
    const { pid = 0 } = (await driver.inspect(instanceId)) ?? {};
    await host.network.plug(VPC, eni.interfaceId, pid);
    const seen = await untilSeen(machines, instanceId, ({ engineReady }) => engineReady);
    await driver.runtimeOf(instanceId).importImage(image, IMAGE, ['ENV PATH=/bin']);
    return seen;
  }

  const docker = async (instanceId: string, ...args: string[]) => {
    const { socket } = new InstanceFolder(machines.folder, instanceId);
    return (await run('docker', ['--host', `unix://${socket}`, ...args])).stdout.trim();
  };
  const answer = async (url: string) => {
    for (;;) {
      const text = await fetchFrom(caller, url);
      if (text !== 'nothing') return text;
    }
  };

  test('published ports, the host network and awsvpc answer in the VPC', async () => {
    const { driver } = machines;
    await launch(ONE, FIRST);
    await docker(ONE, 'run', '--detach', '--publish', '8080:80', IMAGE, ...serve('bridge'));
    await docker(ONE, 'run', '--detach', '--network', 'host', IMAGE, ...serve('host', 8081));
    const dynamic = await docker(ONE, 'run', '--detach', '--publish', '80', IMAGE, ...serve('dynamic'));
    const [port] = (await docker(ONE, 'port', dynamic, '80/tcp')).split('\n').map((line) => line.split(':').at(-1));
    const runtime = driver.runtimeOf(ONE);
    const spec = {
      name: 'task',
      image: IMAGE,
      labels: { task: '1' },
      network: 'bare',
      command: serve('awsvpc'),
    } as const;
    const id = await runtime.create(spec);
    await runtime.start(id);
    const { pid = 0 } = (await runtime.inspect(id)) ?? {};
    assert.match(await readFile(`/proc/${pid}/cmdline`, 'latin1'), /httpd|www/);
    await host.network.plug(VPC, TASK.interfaceId, pid);

    assert.equal(await answer(`http://${FIRST.privateIp}:8080/`), 'bridge');
    assert.equal(await answer(`http://${FIRST.privateIp}:8081/`), 'host');
    assert.equal(await answer(`http://${FIRST.privateIp}:${port}/`), 'dynamic');
    assert.equal(await answer(`http://${TASK.privateIp}/`), 'awsvpc');
    const out = await docker(ONE, 'run', '--rm', IMAGE, '/bin/busybox', 'wget', '-qO-', `http://${TASK.privateIp}/`);
    assert.equal(out, 'awsvpc');
    const stats = (await runtime.stats(id)) as { memory_stats: { usage: number } } | undefined;
    assert.ok((stats?.memory_stats.usage ?? 0) > 0);
  });

  test('two instances see nothing of each other', async () => {
    const { driver } = machines;
    const [first, second] = await Promise.all([launch(ONE, FIRST), launch(TWO, SECOND)]);
    await Promise.all([
      docker(ONE, 'run', '--detach', '--name', 'web', '--publish', '80:80', IMAGE, ...serve('one')),
      docker(TWO, 'run', '--detach', '--name', 'web', '--publish', '80:80', IMAGE, ...serve('two')),
    ]);
    assert.equal(await answer(`http://${FIRST.privateIp}/`), 'one');
    assert.equal(await answer(`http://${SECOND.privateIp}/`), 'two');
    for (const instanceId of [ONE, TWO]) assert.equal((await driver.runtimeOf(instanceId).list({})).length, 1);
    const processes = await docker(ONE, 'run', '--rm', '--pid', 'host', IMAGE, '/bin/busybox', 'ps');
    assert.match(processes, /^ +1 .*\/usr\/sbin\/init$/m);
    assert.equal(processes.match(/ dockerd /g)?.length, 1, processes);
    assert.notEqual(await driver.hostPid(ONE, 1), await driver.hostPid(TWO, 1));
    assert.deepEqual([await driver.hostPid(ONE, 1), await driver.hostPid(TWO, 1)], [first.pid, second.pid]);
  });

  test('an orderly stop ends containers in order, and they are there at the next boot', async () => {
    const { driver } = machines;
    await launch(ONE, FIRST);
    const script = "trap 'exit 7' TERM; echo up; while :; do busybox sleep 0.05; done";
    const id = await docker(ONE, 'run', '--detach', IMAGE, '/bin/busybox', 'sh', '-c', script);
    while ((await docker(ONE, 'logs', id)) !== 'up') await machines.pass();
    await driver.stop(ONE, 20_000);
    await driver.start(exampleSpec());
    await untilSeen(machines, ONE, ({ engineReady }) => engineReady);
    assert.equal((await driver.runtimeOf(ONE).inspect(id))?.exitCode, 7);
  });

  test('tasks have limits of their own below those of the instance', async () => {
    const { driver } = machines;
    const { pid } = await launch(ONE, FIRST);
    const runtime = driver.runtimeOf(ONE);
    const root = `/proc/${pid}/root/sys/fs/cgroup`;
    const cgroups = new HostCgroups({
      instanceId: machines.serverId,
      runtime,
      clock: systemClock,
      log: silentLog,
      root,
    });
    const parent = await cgroups.ensure('task', { memoryBytes: 32 * MIB });
    assert.ok(parent);
    const command = ['/bin/busybox', 'tail', '/dev/zero'];
    const spec = { name: 'hog', image: IMAGE, labels: {}, network: 'none', command, cgroupParent: parent } as const;
    const id = await runtime.create(spec);
    await runtime.start(id);
    while ((await runtime.inspect(id))?.status === 'running') await machines.pass();
    assert.equal((await runtime.inspect(id))?.exitCode, 137);
    assert.equal((await driver.inspect(ONE))?.engineReady, true);
    await runtime.remove(id);
    await cgroups.remove('task');
  });

  test('its engine pulls from the registry of the server, and again after a restart of it', async () => {
    await launch(ONE, FIRST);
    await untilSeen(machines, ONE, hasRun);
    const reference = `${AUTH.serverAddress}/private:1`;
    const pulled = await machines.driver.runtimeOf(ONE).pull(reference, AUTH);
    assert.equal(pulled.digest, registry.digest);
    const again = machines.restart();
    await again.list();
    const other = again.runtimeOf(ONE);
    await docker(ONE, 'image', 'rm', reference);
    for (;;) {
      const found = await other.pull(reference, AUTH).catch((error: unknown) => {
        assert.match(String(error), /refused|reset by peer|EOF/);
      });
      if (found) break;
    }
  });
});
