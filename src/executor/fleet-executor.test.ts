import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RuntimeError } from '../kernel/errors.ts';
import type { TaskSpec } from './executor.ts';
import { FakeFleet, INSTANCE } from './testing-fleet.ts';
import { settle, testContainer, testTask } from './testing.ts';

function fleetOf(): FakeFleet {
  const fleet = new FakeFleet();
  for (const runtime of [fleet.here.runtime, fleet.engine]) runtime.addImage('web:1');
  return fleet;
}

const task = (options: Partial<TaskSpec> = {}) =>
  testTask([testContainer('web', { ports: [{ containerPort: 80, protocol: 'tcp' }] })], {
    instanceId: INSTANCE,
    network: { mode: 'bridge' },
    ...options,
  });

/** A fleet whose instance runs this task. */
async function running(spec: TaskSpec) {
  const fleet = fleetOf();
  const executor = fleet.executor();
  fleet.boot();
  executor.ensure(spec, 'RUNNING');
  return { fleet, executor, report: await fleet.here.untilStatus('RUNNING') };
}

describe('tasks of a fleet', () => {
  test('each goes where it belongs, and waits for an engine that does not answer yet', async () => {
    const fleet = fleetOf();
    const executor = fleet.executor();
    fleet.boot(false);
    executor.ensure(testTask([testContainer('web')]), 'RUNNING');
    executor.ensure(task({ taskId: 'b' }), 'RUNNING');
    await fleet.here.untilStatus('RUNNING');
    assert.deepEqual(fleet.opened, []);
    fleet.boot();
    await fleet.here.until(
      () => fleet.here.last?.taskArn.endsWith('/b') === true && fleet.here.last.status === 'RUNNING',
    );
    assert.deepEqual(fleet.opened, [{ instanceId: INSTANCE, pid: 1 }]);
    assert.deepEqual(fleet.here.last?.containers[0]?.networkBindings, [
      { bindIP: '0.0.0.0', containerPort: 80, hostPort: 32_768, protocol: 'tcp' },
    ]);
    await executor.close();
  });

  test('an instance that is terminated takes its tasks with it, and their interfaces are unplugged', async () => {
    const { network } = testTask([]);
    const lost = task({ network });
    const { fleet, executor, report } = await running(lost);
    fleet.here.reportErrors.push(new RuntimeError('temporary', 'the store is away'));
    fleet.terminate();
    const stopped = await fleet.here.untilStatus('STOPPED');
    assert.equal(stopped.stopCode, 'TerminationNotice');
    assert.equal(stopped.stoppedReason, `Host EC2 (instance ${INSTANCE}) terminated.`);
    assert.deepEqual(stopped.containers, [{ ...report.containers[0], status: 'STOPPED' }]);
    assert.ok(fleet.here.plugs.includes('unplug eni-1'));
    assert.equal(fleet.here.timeline.at(-1), `lost: Host EC2 (instance ${INSTANCE}) terminated.`);
    const said = fleet.here.reports.length;
    executor.ensure(lost, 'STOPPED');
    fleet.here.clock.advance(60_000);
    await settle();
    assert.equal(fleet.here.reports.length, said, 'it is told once');
    await executor.close();
  });

  test('tasks that end while their instance shuts down are lost with it', async () => {
    const { fleet, executor } = await running(task());
    const said = fleet.here.reports.length;
    fleet.shutDown();
    await settle();
    assert.equal(fleet.here.reports.length, said);
    await fleet.stop();
    const stopped = await fleet.here.untilStatus('STOPPED');
    assert.deepEqual(
      [stopped.stopCode, stopped.stoppedReason],
      ['TerminationNotice', `Host EC2 (instance ${INSTANCE}) stopped.`],
    );
    await executor.close();
  });

  test('tasks are lost too whose end is heard of only when their instance has stopped', async () => {
    const { fleet, executor } = await running(task());
    const said = fleet.here.reports.length;
    fleet.stopUnheard();
    await settle();
    assert.equal(fleet.here.reports.length, said);
    await fleet.stop();
    const stopped = await fleet.here.untilStatus('STOPPED');
    assert.equal(stopped.stoppedReason, `Host EC2 (instance ${INSTANCE}) stopped.`);
    await executor.close();
  });

  test('a task for an instance that is stopped, or that was never there, is lost', async () => {
    for (const [state, how] of [
      ['stopped', 'stopped'],
      [undefined, 'terminated'],
    ] as const) {
      const fleet = fleetOf();
      if (state) await fleet.stop();
      const executor = fleet.executor();
      executor.ensure(task(), 'RUNNING');
      const stopped = await fleet.here.untilStatus('STOPPED');
      assert.equal(stopped.stoppedReason, `Host EC2 (instance ${INSTANCE}) ${how}.`);
      assert.deepEqual(stopped.containers, [{ name: 'web', status: 'STOPPED', health: 'UNKNOWN' }]);
      await executor.close();
    }
  });

  test('another boot has an executor of its own, which removes what was lost at the one before', async () => {
    const lost = task();
    const { fleet, executor } = await running(lost);
    await fleet.stop();
    await fleet.here.untilStatus('STOPPED');
    fleet.boot();
    const next = task({ taskId: 'next' });
    await executor.reap(new Set([lost.taskArn, next.taskArn]));
    executor.ensure(next, 'RUNNING');
    await fleet.here.untilStatus('RUNNING');
    assert.deepEqual(
      fleet.opened.map(({ pid }) => pid),
      [1, 2],
    );
    assert.deepEqual(fleet.engine.names(), ['ls-abcd1234-next-web']);
    await executor.close();
  });

  test('a task that is being lost does not begin anew where its instance boots meanwhile', async () => {
    const lost = task();
    const { fleet, executor } = await running(lost);
    for (let n = 0; n < 3; n++) fleet.here.reportErrors.push(new RuntimeError('temporary', 'the store is away'));
    await fleet.stop();
    await settle();
    fleet.boot();
    await executor.reap(new Set([lost.taskArn]));
    executor.ensure(lost, 'RUNNING');
    const stopped = await fleet.here.untilStatus('STOPPED');
    assert.equal(stopped.stoppedReason, `Host EC2 (instance ${INSTANCE}) stopped.`);
    await settle();
    await fleet.here.until(() => fleet.engine.names().length === 0);
    assert.equal(fleet.here.last?.status, 'STOPPED');
    await executor.close();
  });

  test('what an instance runs for nobody is removed, though no task of it was asked for', async () => {
    const { fleet, executor: before } = await running(task());
    await before.close();
    const executor = fleet.executor();
    await executor.reap(new Set([task().taskArn]));
    assert.equal(fleet.engine.names().length, 1);
    const refused = new RuntimeError('temporary', 'this host does not answer');
    fleet.here.runtime.fail('list', '', refused);
    await assert.rejects(executor.reap(new Set()), refused);
    assert.deepEqual(fleet.engine.names(), []);
    await executor.close();
  });
});
