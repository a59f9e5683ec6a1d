import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { TaskContainer, TaskSpec } from '../executor/executor.ts';
import { LABEL } from '../executor/labels.ts';
import { testContainer, testTask } from '../executor/testing.ts';
import { sleep, systemClock } from '../kernel/clock.ts';
import { systemIds } from '../kernel/ids.ts';
import { INSTANCE, IMAGE, InstanceTasksLab, PRIMARY, TASK, VPC } from './testing-instance-tasks.ts';

const TIMEOUT = { timeout: 120_000 };
const MIB = 1024 ** 2;
const shell = (script: string) => ['/bin/busybox', 'sh', '-c', `PATH=/bin; /bin/busybox --install -s /bin; ${script}`];
const serve = (text: string, port: number) =>
  shell(`mkdir -p /www; echo '${text}' >/www/index.html; exec httpd -f -p ${port} -h /www`);

const FOREVER = shell('trap "exit 0" TERM; echo up; while :; do sleep 0.05; done');

function container(name: string, command: readonly string[], options: Partial<TaskContainer> = {}): TaskContainer {
  const logs = {
    account: '1',
    region: 'us-east-1',
    group: 'g',
    stream: `${name}/${systemIds.hex(8)}`,
    createGroup: false,
  };
  return testContainer(name, { pullReference: IMAGE, pullFrom: 'ecr', command, stopTimeoutMs: 0, logs, ...options });
}

/** Whether this host may do all that a kernel knows: a privileged container is given all of it. */
async function hasEveryCapability(): Promise<boolean> {
  const bounding = /^CapBnd:\s*(\w+)$/m.exec(await readFile('/proc/self/status', 'latin1'))?.[1] ?? '0';
  const last = Number(await readFile('/proc/sys/kernel/cap_last_cap', 'latin1'));
  return BigInt(`0x${bounding}`) === 2n ** BigInt(last + 1) - 1n;
}

function taskOn(mode: 'bridge' | 'host' | 'none', containers: readonly TaskContainer[], more: Partial<TaskSpec> = {}) {
  return testTask(containers, { taskId: systemIds.hex(32), instanceId: INSTANCE, network: { mode }, ...more });
}

describe('tasks on an instance', () => {
  const lab = new InstanceTasksLab();
  const runtime = () => lab.machines.driver.runtimeOf(INSTANCE);

  before(async () => {
    await lab.open();
    await lab.boot();
  });
  after(() => lab.close());

  const start = async (spec: TaskSpec) => {
    lab.executor.ensure(spec, 'RUNNING');
    return lab.until(spec, 'RUNNING');
  };
  const stop = async (...specs: TaskSpec[]) => {
    for (const spec of specs) lab.executor.ensure(spec, 'STOPPED');
    for (const spec of specs) await lab.until(spec, 'STOPPED');
    await lab.untilGone();
  };
  /** What a container prints that is run to its end. */
  const output = async (spec: TaskSpec) => {
    const from = lab.lines.length;
    lab.executor.ensure(spec, 'RUNNING');
    await lab.until(spec, 'STOPPED');
    await lab.untilGone();
    return lab.lines.slice(from).map(({ message }) => message);
  };

  test('bridge: ports of its own and of the engine’s choice answer in the VPC', TIMEOUT, async () => {
    const ports = [{ containerPort: 80, protocol: 'tcp' }] as const;
    const many = ['one', 'two'].map((text) => taskOn('bridge', [container('web', serve(text, 80), { ports })]));
    const fixed = taskOn('bridge', [
      container('web', serve('fixed', 80), { ports: [{ containerPort: 80, hostPort: 8080, protocol: 'tcp' }] }),
    ]);
    const reports = await Promise.all([...many, fixed].map(start));
    const found = reports.map(({ containers }) => containers[0]?.networkBindings ?? []);
    const hostPorts = found.map(([binding]) => (binding && 'hostPort' in binding ? binding.hostPort : 0));
    assert.deepEqual(found[2], [{ bindIP: '0.0.0.0', containerPort: 80, hostPort: 8080, protocol: 'tcp' }]);
    assert.equal(new Set(hostPorts).size, 3);
    assert.ok(
      hostPorts.slice(0, 2).every((port) => port >= 32_768 && port <= 61_000),
      hostPorts.join(),
    );
    const answers = await Promise.all(hostPorts.map((port) => lab.answer(`http://${PRIMARY.privateIp}:${port}/`)));
    assert.deepEqual(answers, ['one', 'two', 'fixed']);

    const taken = taskOn('bridge', [container('web', serve('', 80), { ports: [{ ...ports[0], hostPort: 8080 }] })]);
    lab.executor.ensure(taken, 'RUNNING');
    const { stopCode, stoppedReason } = await lab.until(taken, 'STOPPED');
    assert.equal(stopCode, 'TaskFailedToStart');
    assert.match(stoppedReason ?? '', /^CannotStartContainerError: .*port is already allocated/);
    await stop(...many, fixed);
  });

  test('each network reaches what it should: metadata, names, another container', TIMEOUT, async () => {
    const ask = 'wget -qO- http://169.254.170.2/v4/the-id';
    const names = 'hostname; grep -c example.test /etc/hosts; grep nameserver /etc/resolv.conf';
    const extraHosts = [{ hostname: 'example.test', ipAddress: '10.9.9.9' }];
    const own = { extraHosts, hostname: 'the-task', dnsServers: ['10.0.0.2'] };
    const bridge = await output(taskOn('bridge', [container('web', shell(`${names}; ${ask}`), own)]));
    assert.deepEqual(bridge, ['the-task', '1', 'nameserver 10.0.0.2', 'credentials']);
    const host = await output(taskOn('host', [container('web', shell(`${ask}; echo; ip -o -4 addr show eth0`))]));
    assert.equal(host[0], 'credentials');
    assert.match(host[1] ?? '', new RegExp(`inet ${PRIMARY.privateIp}/`));
    assert.deepEqual(lab.asked, [`/v4/the-id ${VPC}`, `/v4/the-id ${VPC}`]);
    const none = await output(taskOn('none', [container('web', shell('ls /sys/class/net'))]));
    assert.deepEqual(none, ['lo']);

    const links = [{ container: 'db', alias: 'store' }];
    const look = 'until wget -qO- http://store/ 2>/dev/null; do sleep 0.05; done';
    const db = container('db', serve('linked', 80), { essential: false });
    const linked = await output(taskOn('bridge', [container('app', shell(look), { links }), db]));
    assert.deepEqual(linked, ['linked']);
  });

  test('host: its ports are the instance’s', TIMEOUT, async () => {
    const ports = [{ containerPort: 8081, protocol: 'tcp' }] as const;
    const spec = taskOn('host', [container('web', serve('host', 8081), { ports })]);
    const { containers } = await start(spec);
    assert.deepEqual(containers[0]?.networkBindings, [
      { bindIP: '0.0.0.0', containerPort: 8081, hostPort: 8081, protocol: 'tcp' },
    ]);
    assert.equal(await lab.answer(`http://${PRIMARY.privateIp}:8081/`), 'host');
    await stop(spec);
  });

  test('awsvpc: an interface of its own, its names, and limits of the task', TIMEOUT, async () => {
    const network = {
      mode: 'awsvpc',
      vpcId: VPC,
      interfaceId: TASK.interfaceId,
      privateIp: TASK.privateIp,
      hostname: 'ip-10-0-0-13.ec2.internal',
      dnsServers: ['10.0.0.2'],
      dnsSearch: ['ec2.internal'],
      hosts: [{ name: 'backend', address: '169.254.176.1' }],
    } as const;
    const told = 'hostname; grep -h -e ec2.internal -e backend /etc/hosts; cat /etc/resolv.conf';
    const page = `mkdir -p /www; (${told}) >/www/index.html; exec httpd -f -p 80 -h /www`;
    const size = { cpuUnits: 256, memoryBytes: 64 * MIB };
    const spec = taskOn('bridge', [container('web', shell(page))], { network, ...size });
    const { containers } = await start(spec);
    assert.equal(containers[0]?.networkBindings, undefined);
    const [said = '', ...rest] = (await lab.answer(`http://${TASK.privateIp}/`)).split('\n');
    assert.equal(said, network.hostname);
    assert.ok(rest.includes(`${TASK.privateIp}\t${network.hostname}`), rest.join('\n'));
    assert.ok(rest.includes('169.254.176.1\tbackend'));
    assert.ok(rest.includes('nameserver 10.0.0.2'));
    const stats = (await runtime().stats(containers[0]?.runtimeId ?? '')) as { memory_stats?: { usage?: number } };
    assert.ok((stats.memory_stats?.usage ?? 0) > 0);
    await stop(spec);
  });

  test('volumes are the instance’s, and what runs in a container can be joined', TIMEOUT, async () => {
    const kept = { kind: 'docker', name: 'kept', shared: true, autoprovision: true, driver: 'local' } as const;
    const volumes = [
      { ...kept, driverOptions: {}, labels: {} },
      { kind: 'bind', name: 'srv', hostPath: '/srv/of-the-instance' },
      { kind: 'task', name: 'scratch' },
    ] as const;
    const mounts = volumes.map(({ name }) => ({ volume: name, path: `/${name}`, readOnly: false }));
    const write = taskOn('none', [container('a', shell('touch /kept/1 /srv/2 /scratch/3'), { mounts })], { volumes });
    await output(write);
    while ((await runtime().listVolumes({})).join() !== 'kept') await sleep(systemClock, 10);
    const spec = taskOn('none', [container('b', FOREVER, { mounts })], { volumes });
    const { containers } = await start(spec);
    const command = ['/bin/busybox', 'sh', '-c', 'PATH=/bin; ls /kept /srv /scratch'];
    const session = await runtime().exec(containers[0]?.runtimeId ?? '', { command, terminal: false });
    const chunks: Buffer[] = [];
    for await (const { bytes } of session.output) chunks.push(bytes);
    const words = Buffer.concat(chunks).toString().trim().split(/\s+/);
    assert.deepEqual(words, ['/kept:', '1', '/scratch:', '/srv:', '2']);
    await stop(spec);
    await runtime().removeVolume('kept');
  });

  test('privileged: all that the host has to give, or the reason why not', TIMEOUT, async () => {
    const script =
      'trap "exit 0" TERM; mkdir -p /mnt; mount -t tmpfs none /mnt && echo mounted; while :; do sleep 0.05; done';
    const spec = taskOn('none', [container('web', shell(script), { privileged: true })]);
    const from = lab.lines.length;
    lab.executor.ensure(spec, 'RUNNING');
    if (await hasEveryCapability()) {
      await lab.untilLines(from, 1);
      assert.equal(lab.lines[from]?.message, 'mounted');
      return stop(spec);
    }
    const { stoppedReason } = await lab.until(spec, 'STOPPED');
    assert.match(stoppedReason ?? '', /^CannotStartContainerError: .*unable to apply caps: operation not permitted/);
    return lab.untilGone();
  });

  test('is adopted by the next process, and stops in order', TIMEOUT, async () => {
    const farewell = (name: string) =>
      shell(`trap "echo bye ${name}; exit 0" TERM; echo up; while :; do sleep 0.02; done`);
    const dependsOn = [{ container: 'db', condition: 'START' }] as const;
    const spec = taskOn('bridge', [
      container('app', farewell('app'), {
        stopTimeoutMs: 5000,
        dependsOn,
        ports: [{ containerPort: 80, protocol: 'tcp' }],
      }),
      container('db', farewell('db'), { stopTimeoutMs: 5000 }),
    ]);
    const from = lab.lines.length;
    const running = await start(spec);
    await lab.untilLines(from, 2);
    await lab.executor.close();
    lab.reports.splice(0);
    lab.newExecutor();
    assert.deepEqual((await start(spec)).containers, running.containers);
    await lab.executor.reap(new Set([spec.taskArn]));
    assert.equal((await runtime().list({ [LABEL.task]: spec.taskArn })).length, 2);
    await stop(spec);
    const { containers } = await lab.until(spec, 'STOPPED');
    assert.deepEqual(
      containers.map(({ exitCode }) => exitCode),
      [0, 0],
    );
    assert.deepEqual(
      lab.lines.slice(from).map(({ message }) => message),
      ['up', 'up', 'bye app', 'bye db'],
    );
  });

  test('a reboot ends its tasks, and the next ones run', TIMEOUT, async () => {
    const spec = taskOn('bridge', [container('web', FOREVER)]);
    const from = lab.lines.length;
    await start(spec);
    // What has not begun to listen for SIGTERM holds up the shutdown.
    await lab.untilLines(from, 1);
    await lab.machines.driver.reboot(INSTANCE);
    await lab.until(spec, 'STOPPED');
    await lab.boot();
    const next = taskOn('host', [container('web', FOREVER)]);
    await lab.executor.reap(new Set([spec.taskArn, next.taskArn]));
    await start(next);
    const left = await runtime().list({ [LABEL.role]: 'container' });
    assert.deepEqual(new Set(left.map(({ labels }) => labels[LABEL.task])), new Set([next.taskArn]));
    await stop(next);
  });

  test('an instance that is killed takes its tasks with it', TIMEOUT, async (context) => {
    const network = {
      mode: 'awsvpc',
      vpcId: VPC,
      interfaceId: TASK.interfaceId,
      privateIp: TASK.privateIp,
      hostname: 'task',
      dnsServers: [],
      dnsSearch: [],
    } as const;
    const specs = [
      taskOn('bridge', [container('web', FOREVER)]),
      taskOn('bridge', [container('web', FOREVER)], { network }),
    ];
    await Promise.all(specs.map(start));
    const { pid } = (await lab.machines.driver.inspect(INSTANCE)) ?? {};
    const atMs = systemClock.now();
    process.kill(pid ?? 0, 'SIGKILL');
    for (const spec of specs) {
      const { stopCode, stoppedReason, containers } = await lab.until(spec, 'STOPPED');
      assert.deepEqual([stopCode, stoppedReason], ['TerminationNotice', `Host EC2 (instance ${INSTANCE}) stopped.`]);
      assert.deepEqual(containers[0]?.status, 'STOPPED');
    }
    context.diagnostic(`told after ${systemClock.now() - atMs} ms`);
    await lab.machines.driver.terminate(INSTANCE);
    const late = taskOn('bridge', [container('web', FOREVER)]);
    lab.executor.ensure(late, 'RUNNING');
    assert.match((await lab.until(late, 'STOPPED')).stoppedReason ?? '', /terminated\.$/);
  });
});
