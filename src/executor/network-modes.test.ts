import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TaskSpec } from './executor.ts';
import { FakeWorld } from './fake-world.ts';
import { testContainer, testTask } from './testing.ts';

const ports = [
  { containerPort: 80, protocol: 'tcp' },
  { containerPort: 53, hostPort: 5300, protocol: 'udp' },
] as const;
const NAME = 'ls-abcd1234-0123456789abcdef0123456789abcdef';

async function running(spec: TaskSpec) {
  const fake = new FakeWorld();
  for (const { image } of spec.containers) fake.runtime.addImage(image);
  const executor = fake.executor();
  executor.ensure(spec, 'RUNNING');
  const report = await fake.untilStatus('RUNNING');
  return { fake, executor, report };
}

describe('a task without an interface of its own', () => {
  test('bridge: no pause container, no plug; what is bound is reported, and still when it has ended', async () => {
    const web = testContainer('web', { ports, hostname: 'web.internal', dnsServers: ['10.0.0.2'] });
    const spec = testTask([web], { network: { mode: 'bridge' } });
    const { fake, executor, report } = await running(spec);
    const bindings = [
      { bindIP: '0.0.0.0', containerPort: 80, hostPort: 32_768, protocol: 'tcp' },
      { bindIP: '0.0.0.0', containerPort: 53, hostPort: 5300, protocol: 'udp' },
    ];
    assert.deepEqual(report.containers[0]?.networkBindings, bindings);
    assert.deepEqual(fake.steps, ['pull web:1', 'create -web', 'start -web']);
    const { network, hostname, dnsServers } = fake.runtime.container(`${NAME}-web`).spec;
    assert.deepEqual([network, hostname, dnsServers], ['bridge', 'web.internal', ['10.0.0.2']]);
    executor.ensure(spec, 'STOPPED');
    const stopped = await fake.untilStatus('STOPPED');
    assert.deepEqual(stopped.containers[0]?.networkBindings, bindings);
    await fake.until(() => fake.runtime.names().length === 0 && fake.cgroups.groups.size === 0);
    assert.deepEqual(fake.plugs, []);
    await executor.close();
  });

  test('bridge: a range of ports has as many in a row of its instance, which no other has', async () => {
    const range = { first: 8000, last: 8009, protocol: 'tcp' } as const;
    const taskOf = (taskId: string) => {
      const portRanges = [range, { ...range, protocol: 'udp' } as const];
      const web = testContainer('web', { ports: [{ containerPort: 80, protocol: 'tcp' }], portRanges });
      return testTask([web], { taskId, network: { mode: 'bridge' } });
    };
    const fake = new FakeWorld();
    fake.runtime.addImage('web:1');
    const executor = fake.executor();
    for (const id of ['a', 'b']) executor.ensure(taskOf(id), 'RUNNING');
    const last = (id: string) =>
      fake.reports.findLast(({ taskArn, status }) => taskArn.endsWith(`/${id}`) && status === 'RUNNING');
    await fake.until(() => last('a') !== undefined && last('b') !== undefined);
    const bindings = ['a', 'b'].map((id) => last(id)?.containers[0]?.networkBindings ?? []);
    assert.deepEqual(
      bindings.map(({ length }) => length),
      [3, 3],
    );
    const ranges = bindings.flat().flatMap((one) => ('hostPortRange' in one ? [one] : []));
    assert.deepEqual(ranges.map((one) => `${one.containerPortRange} ${one.hostPortRange} ${one.protocol}`).toSorted(), [
      '8000-8009 49153-49162 tcp',
      '8000-8009 49153-49162 udp',
      '8000-8009 49163-49172 tcp',
      '8000-8009 49163-49172 udp',
    ]);
    await executor.close();
  });

  test('host: its ports as they are; none: no ports', async () => {
    const spec = testTask([testContainer('web', { ports: [...ports] })], { network: { mode: 'host' } });
    const { fake, executor, report } = await running(spec);
    assert.deepEqual(
      report.containers[0]?.networkBindings?.map((binding) => 'hostPort' in binding && binding.hostPort),
      [80, 53],
    );
    const made = fake.runtime.container(`${NAME}-web`).spec;
    assert.deepEqual([made.network, made.ports], ['host', undefined]);
    await executor.close();

    const none = await running(testTask([testContainer('web', { ports })], { network: { mode: 'none' } }));
    assert.equal(none.report.containers[0]?.networkBindings, undefined);
    assert.equal(none.fake.runtime.container(`${NAME}-web`).spec.network, 'none');
    await none.executor.close();
  });

  test('a link holds a container back until the other runs, and it is stopped first', async () => {
    const app = testContainer('app', { links: [{ container: 'db' }, { container: 'db', alias: 'store' }] });
    const spec = testTask([app, testContainer('db')], { network: { mode: 'bridge' } });
    const { fake, executor } = await running(spec);
    const { links } = fake.runtime.container(`${NAME}-app`).spec;
    assert.deepEqual(links, [
      { container: `${NAME}-db`, alias: 'db' },
      { container: `${NAME}-db`, alias: 'store' },
    ]);
    executor.ensure(spec, 'STOPPED');
    await fake.untilStatus('STOPPED');
    const order = fake.steps.filter((step) => /^(create|start|stop)/.test(step));
    assert.deepEqual(order, ['create -db', 'create -app', 'start -db', 'start -app', 'stop -app', 'stop -db']);
    await executor.close();
  });

  test('processes are shared through a pause container that has no interface', async () => {
    const spec = testTask([testContainer('web')], { network: { mode: 'bridge' }, pidMode: 'task' });
    const { fake, executor } = await running(spec);
    assert.equal(fake.runtime.container(`${NAME}.pause`).spec.network, 'bare');
    assert.match(fake.runtime.container(`${NAME}-web`).spec.pidMode ?? '', /^container:/);
    fake.runtime.container(`${NAME}.pause`).exit(137);
    assert.match((await fake.untilStatus('STOPPED')).stoppedReason ?? '', /pause container/);
    assert.deepEqual(fake.plugs, []);
    await executor.close();
  });

  test('shared memory: by a pause container, the host’s, or none', async () => {
    const run = async (ipcMode: 'task' | 'host' | 'none') => {
      const { fake, executor } = await running(
        testTask([testContainer('web')], { network: { mode: 'bridge' }, ipcMode }),
      );
      await executor.close();
      return fake.runtime;
    };
    const task = await run('task');
    assert.equal(task.container(`${NAME}.pause`).spec.ipcMode, 'shareable');
    assert.match(task.container(`${NAME}-web`).spec.ipcMode ?? '', /^container:/);
    assert.equal((await run('host')).container(`${NAME}-web`).spec.ipcMode, 'host');
    const none = await run('none');
    assert.deepEqual(none.names(), [`${NAME}-web`]);
    assert.equal(none.container(`${NAME}-web`).spec.ipcMode, 'none');
  });

  test('a port that is taken fails the task in the engine’s words', async () => {
    const fake = new FakeWorld();
    fake.runtime.addImage('web:1');
    const executor = fake.executor();
    const fixed = [{ containerPort: 80, hostPort: 8080, protocol: 'tcp' }] as const;
    const bridge = (taskId: string) =>
      testTask([testContainer('web', { ports: fixed })], { taskId, network: { mode: 'bridge' } });
    executor.ensure(bridge('one'), 'RUNNING');
    await fake.untilStatus('RUNNING');
    executor.ensure(bridge('two'), 'RUNNING');
    const stopped = await fake.untilStatus('STOPPED');
    const words = 'Bind for 0.0.0.0:8080 failed: port is already allocated';
    assert.equal(stopped.stoppedReason, `CannotStartContainerError: Error response from daemon: ${words}`);
    await executor.close();
  });

  test('on an instance the engine writes the names of an awsvpc task, and shares are the least there are', async () => {
    const fake = new FakeWorld();
    fake.runtime.addImage('web:1');
    fake.engineWritesFiles = true;
    const executor = fake.executor();
    executor.ensure(testTask([testContainer('web')], { instanceId: 'i-1' }), 'RUNNING');
    await fake.untilStatus('RUNNING');
    assert.equal(fake.runtime.container(`${NAME}-web`).spec.cpuShares, 2);
    const { network, hostname, extraHosts, dnsSearch } = fake.runtime.container(`${NAME}.pause`).spec;
    assert.deepEqual([network, hostname, dnsSearch], ['none', 'ip-172-31-0-11.ec2.internal', ['ec2.internal']]);
    assert.deepEqual(extraHosts, [{ hostname, ipAddress: '172.31.0.11' }]);
    assert.equal(fake.cgroups.groups.size, 0, 'a task without a size has no limits of its own');
    await executor.close();
  });
});
