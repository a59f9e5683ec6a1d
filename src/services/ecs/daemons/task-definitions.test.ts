import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGENT, DAEMON, PROVIDER, createDaemon, describeDaemon, openTestDaemons } from './testing.ts';
import { formatArn } from '../../../kernel/arn.ts';
import { TEST_SCOPE } from '../../../api/testing.ts';

const arn = (revision: string) => formatArn('ecs', TEST_SCOPE, `daemon-task-definition/${revision}`);

test('daemon task definitions have revisions of their own', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  await ecs.call('RegisterTaskDefinition', {
    family: 'agent',
    containerDefinitions: [{ name: 'agent', image: 'httpd:2.4', memory: 64 }],
  });
  const { daemonTaskDefinitionArn } = await ecs.call('RegisterDaemonTaskDefinition', {
    ...AGENT,
    pidMode: 'shared',
    volumes: [{ name: 'root', host: { sourcePath: '/' } }],
    containerDefinitions: [
      { name: 'agent', image: 'httpd:2.4', mountPoints: [{ sourceVolume: 'root', containerPath: '/host' }] },
    ],
  });
  assert.equal(daemonTaskDefinitionArn, arn('agent:2'));
  const { daemonTaskDefinition } = await ecs.call('DescribeDaemonTaskDefinition', { daemonTaskDefinition: 'agent' });
  const { registeredAt: _at, registeredBy: _by, containerDefinitions = [], ...shown } = daemonTaskDefinition ?? {};
  assert.deepEqual(shown, {
    daemonTaskDefinitionArn: arn('agent:2'),
    status: 'ACTIVE',
    family: 'agent',
    revision: 2,
    volumes: [{ name: 'root', host: { sourcePath: '/' } }],
    pidMode: 'shared',
    ipcMode: 'none',
    cpu: '128',
    memory: '128',
  });
  assert.equal('portMappings' in (containerDefinitions[0] ?? {}), false);
  const { taskDefinitionArns = [] } = await ecs.call('ListTaskDefinitions', { familyPrefix: 'agent' });
  assert.equal(taskDefinitionArns.length, 1, 'task definitions are apart');
});

test('they are listed by family, status and last revision', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  await ecs.call('RegisterDaemonTaskDefinition', AGENT);
  await ecs.call('RegisterDaemonTaskDefinition', { ...AGENT, family: 'agents' });
  await createDaemon(ecs);
  const list = async (input: object) =>
    ((await ecs.call('ListDaemonTaskDefinitions', input)).daemonTaskDefinitions ?? []).map((one) => one.arn);
  assert.deepEqual(await list({}), [arn('agent:1'), arn('agent:2'), arn('agents:1')]);
  assert.deepEqual(await list({ family: 'agent', sort: 'DESC' }), [arn('agent:2'), arn('agent:1')]);
  assert.deepEqual(await list({ familyPrefix: 'agent', revision: 'LAST_REGISTERED' }), [
    arn('agent:2'),
    arn('agents:1'),
  ]);
  await ecs.call('DeleteDaemonTaskDefinition', { daemonTaskDefinition: 'agent:1' });
  await ecs.call('DeleteDaemonTaskDefinition', { daemonTaskDefinition: 'agent:2' });
  await ecs.reconcile();
  assert.deepEqual(await list({ status: 'ALL' }), [arn('agent:1'), arn('agents:1')], 'a daemon uses the first');
  assert.deepEqual(await list({ status: 'DELETE_IN_PROGRESS' }), [arn('agent:1')]);
  await ecs.call('DeleteDaemon', { daemonArn: DAEMON });
  await ecs.reconcile();
  await assert.rejects(describeDaemon(ecs), { code: 'DaemonNotFoundException' });
  assert.deepEqual(await list({ status: 'DELETE_IN_PROGRESS' }), []);
});

test('one that is deleted while its role is asked for makes no daemon, and no revision', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  const taskRoleArn = 'arn:aws:iam::123456789012:role/agent';
  for (let i = 0; i < 2; i++) await ecs.call('RegisterDaemonTaskDefinition', { ...AGENT, taskRoleArn });
  const deleteMeanwhile = (daemonTaskDefinition: string) => {
    ecs.aws.onAssume = async () => void (await ecs.call('DeleteDaemonTaskDefinition', { daemonTaskDefinition }));
  };
  const gone = { code: 'ClientException', message: 'DaemonTaskDefinition is inactive' };
  deleteMeanwhile('agent:2');
  await assert.rejects(createDaemon(ecs, { daemonTaskDefinitionArn: 'agent:2' }), gone);
  await assert.rejects(describeDaemon(ecs), { code: 'DaemonNotFoundException' });
  const deploymentArn = await createDaemon(ecs);
  deleteMeanwhile('agent:3');
  const change = { daemonArn: DAEMON, daemonTaskDefinitionArn: 'agent:3', capacityProviderArns: [PROVIDER] };
  await assert.rejects(ecs.call('UpdateDaemon', change), gone);
  assert.equal((await describeDaemon(ecs)).deploymentArn, deploymentArn);
});

test('what cannot be done here is refused by name', async (t) => {
  const ecs = await openTestDaemons();
  t.after(() => ecs.close());
  const register = (change: object) => ecs.call('RegisterDaemonTaskDefinition', { ...AGENT, ...change });
  await assert.rejects(register({ ipcMode: 'shared' }), /does not support ipcMode yet/);
  await assert.rejects(
    register({ volumes: [{ name: 'logs', logDriverVolumeConfiguration: { driver: 'json-file' } }] }),
    /volumes\[logs\]\.logDriverVolumeConfiguration/,
  );
  await assert.rejects(register({ family: 'a b' }), /Family contains invalid characters/);
  await assert.rejects(ecs.call('DescribeDaemonTaskDefinition', { daemonTaskDefinition: 'nobody' }), {
    code: 'ClientException',
  });
});
