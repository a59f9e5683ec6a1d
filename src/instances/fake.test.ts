import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../kernel/clock.ts';
import { RuntimeError } from '../kernel/errors.ts';
import { FakeInstances } from './fake/fake-instances.ts';
import { exampleSpec, instanceSuite } from './suite.ts';

instanceSuite('FakeInstances', async () => {
  const clock = new FakeClock();
  const driver = new FakeInstances({ clock });
  return {
    driver,
    restart: () => new FakeInstances({ clock, host: driver.host }),
    connect: async () => {},
    kill: async ({ instanceId }) => driver.end(instanceId),
    pass: async () => clock.advance(1),
    close: async () => {},
  };
});

test('a call fails as often as it is told to', async () => {
  const driver = new FakeInstances({ clock: new FakeClock() });
  const spec = exampleSpec();
  driver.fail('start', spec.instanceId, new RuntimeError('temporary', 'no room'));
  await assert.rejects(driver.start(spec), { message: 'no room' });
  assert.equal(await driver.inspect(spec.instanceId), undefined);
  await driver.start(spec);
  assert.deepEqual(driver.calls, [`start ${spec.instanceId}`, `start ${spec.instanceId}`]);
});

test('user data can be held, and its end be told', async () => {
  const driver = new FakeInstances({ clock: new FakeClock() });
  driver.holdUserData = true;
  const spec = exampleSpec({ userData: Buffer.from('#!/bin/sh\necho ECS_CLUSTER=web >> /etc/ecs/ecs.config\n') });
  const { instanceId } = spec;
  await driver.start(spec);
  assert.equal((await driver.inspect(instanceId))?.userData, 'running');
  driver.completeUserData(instanceId);
  assert.equal((await driver.inspect(instanceId))?.userData, 'done');
  assert.equal((await driver.readFile(instanceId, '/etc/ecs/ecs.config'))?.toString(), 'ECS_CLUSTER=web\n');
});

test('what runs on an instance ends with it', async () => {
  const driver = new FakeInstances({ clock: new FakeClock() });
  const spec = exampleSpec();
  await driver.start(spec);
  const runtime = driver.runtimeOf(spec.instanceId);
  driver.engineOf(spec.instanceId).addImage('web:1', { local: true });
  const id = await runtime.create({ name: 'web', image: 'web:1', labels: {}, network: 'bare' });
  await runtime.start(id);
  driver.end(spec.instanceId);
  await assert.rejects(runtime.inspect(id), { kind: 'temporary' });
  await driver.start(spec);
  assert.equal((await runtime.inspect(id))?.status, 'exited');
});
