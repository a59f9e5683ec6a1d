import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RuntimeError } from '../kernel/errors.ts';
import type { Mount } from '../runtime/runtime.ts';
import type { TaskVolume } from './executor.ts';
import { FakeWorld } from './fake-world.ts';
import { SecretsError, type SecretsRequest } from './secrets.ts';
import { testContainer, testTask } from './testing.ts';

const ID = '0123456789abcdef0123456789abcdef';
const NAME = `ls-abcd1234-${ID}`;

function world(): FakeWorld {
  const fake = new FakeWorld();
  for (const name of ['web:1', 'side:1']) fake.runtime.addImage(name);
  return fake;
}

const docker = { kind: 'docker', driver: 'local', driverOptions: {}, labels: {} } as const;
const mount = (volume: string, path: string) => ({ volume, path, readOnly: false });

const isOfVolumes = ({ target }: Mount) => !/^\/etc\/(hosts|hostname|resolv\.conf)$/.test(target);

describe('volumes', () => {
  test('are made before the container, shared through volumesFrom, and go with the task', async () => {
    const volumes: TaskVolume[] = [
      { kind: 'task', name: 'scratch.1' },
      { kind: 'bind', name: 'host', hostPath: '/etc' },
      { ...docker, name: 'kept', shared: true, autoprovision: true },
      { ...docker, name: 'own', shared: false, autoprovision: true },
    ];
    const web = testContainer('web', { volumesFrom: [{ container: 'side', readOnly: true }] });
    const mounts = [mount('scratch.1', '/scratch'), mount('host', '/host'), mount('kept', '/kept')];
    const side = testContainer('side', {
      mounts: [...mounts, mount('own', '/own')],
      tmpfs: [{ path: '/run', sizeBytes: 1024, options: ['noexec'] }],
    });
    const fake = world();
    const spec = testTask([web, side], { volumes });
    const executor = fake.executor();
    executor.ensure(spec, 'RUNNING');
    await fake.untilStatus('RUNNING');
    const steps = fake.steps.filter((step) => step.startsWith('create -'));
    assert.deepEqual(steps, ['create -side', 'create -web'], 'the source comes first');
    const read = (fake.runtime.container(`${NAME}-web`).spec.mounts ?? []).filter(isOfVolumes);
    assert.deepEqual(
      read.map((one) => [
        one.kind,
        one.kind !== 'tmpfs' && one.source,
        one.target,
        one.kind !== 'tmpfs' && one.readOnly,
      ]),
      [
        ['volume', `${NAME}-scratch-1`, '/scratch', true],
        ['bind', '/etc', '/host', true],
        ['volume', 'kept', '/kept', true],
        ['volume', `${NAME}-own`, '/own', true],
      ],
    );
    assert.equal(fake.runtime.container(`${NAME}-side`).spec.mounts?.findLast(isOfVolumes)?.kind, 'tmpfs');

    // Busy for a while.
    fake.runtime.fail('removeVolume', '', new RuntimeError('temporary', 'volume is in use'), 3);
    executor.ensure(spec, 'STOPPED');
    await fake.untilStatus('STOPPED');
    await fake.until(() => fake.cgroups.groups.size === 0 && fake.timeline.at(-1)?.startsWith('over') === true);
    assert.deepEqual(await fake.runtime.listVolumes({}), ['kept']);
    await executor.close();
  });

  test('a shared one that must be there and is not fails the task', async () => {
    const fake = world();
    const executor = fake.executor();
    const volumes: TaskVolume[] = [{ ...docker, name: 'kept', shared: true, autoprovision: false }];
    executor.ensure(testTask([testContainer('web', { mounts: [mount('kept', '/kept')] })], { volumes }), 'RUNNING');
    const stopped = await fake.untilStatus('STOPPED');
    assert.match(
      stopped.stoppedReason ?? '',
      /^CannotCreateVolumeError: .*volume 'kept' does not exist and autoprovision is set to false$/,
    );
    await executor.close();
  });

  test('what a process left is reaped: volumes and control groups that no known task has', async () => {
    const fake = world();
    const labels = (id: string) => ({ 'longshore.instance': 'abcd1234', 'longshore.task': id });
    await fake.runtime.createVolume({ name: `${NAME}-a`, labels: labels('known') });
    await fake.runtime.createVolume({ name: `ls-abcd1234-${'f'.repeat(32)}-a`, labels: labels('unknown') });
    await fake.runtime.createVolume({ name: 'foreign', labels: {} });
    await fake.cgroups.ensure(ID, {});
    await fake.cgroups.ensure('f'.repeat(32), {});
    const executor = fake.executor();
    await executor.reap(new Set([testTask([]).taskArn]));
    assert.deepEqual((await fake.runtime.listVolumes({})).toSorted(), ['foreign', `${NAME}-a`]);
    assert.deepEqual(await fake.cgroups.list(), [ID]);
    await executor.close();
  });
});

describe('the control group', () => {
  const limited = { cpuUnits: 256, memoryBytes: 512 };

  test('bounds the task, so that containers have only limits of their own', async () => {
    const fake = world();
    const spec = testTask([testContainer('web', { memoryBytes: 64 }), testContainer('side')], limited);
    const executor = fake.executor();
    executor.ensure(spec, 'RUNNING');
    await fake.untilStatus('RUNNING');
    assert.deepEqual(fake.cgroups.groups.get(ID), limited);
    const specs = ['.pause', '-web', '-side'].map((suffix) => fake.runtime.container(`${NAME}${suffix}`).spec);
    assert.equal(new Set(specs.map(({ cgroupParent }) => cgroupParent)).size, 1);
    assert.ok(specs[0]?.cgroupParent?.endsWith(ID));
    assert.deepEqual(
      specs.map(({ memoryLimitBytes, cpuLimit }) => [memoryLimitBytes, cpuLimit]),
      [
        [undefined, undefined],
        [64, undefined],
        [undefined, undefined],
      ],
    );
    executor.ensure(spec, 'STOPPED');
    await fake.until(() => fake.cgroups.groups.size === 0);
    assert.deepEqual(fake.runtime.names(), []);
    await executor.close();
  });

  test("where a host has none, the task's limits bound each container", async () => {
    const fake = world();
    fake.cgroups.isAble = false;
    const executor = fake.executor();
    executor.ensure(testTask([testContainer('web')], limited), 'RUNNING');
    await fake.untilStatus('RUNNING');
    const { memoryLimitBytes, cpuLimit, cgroupParent } = fake.runtime.container(`${NAME}-web`).spec;
    assert.deepEqual([memoryLimitBytes, cpuLimit, cgroupParent], [512, 256, undefined]);
    await executor.close();
  });

  test('that is refused fails the task', async () => {
    const fake = world();
    fake.cgroups.errors.push(new RuntimeError('temporary', 'busy'), new RuntimeError('rejected', 'no'));
    const executor = fake.executor();
    executor.ensure(testTask([testContainer('web')]), 'RUNNING');
    const stopped = await fake.untilStatus('STOPPED');
    assert.equal(stopped.stoppedReason, "ResourceInitializationError: failed to set up the task's control group: no");
    await executor.close();
  });
});

describe('secrets', () => {
  const web = testContainer('web', {
    environment: { A: 'environment', B: 'environment', C: 'environment' },
    secrets: [{ name: 'A', valueFrom: '/a' }],
    environmentFiles: ['arn:aws:s3:::b/one.env', 'arn:aws:s3:::b/two.env'],
  });
  const spec = testTask([web, testContainer('side')], { executionRoleArn: 'arn:aws:iam::123456789012:role/r' });
  const answer = {
    secrets: { A: 'hunter2' },
    environmentFiles: [
      { B: 'one', D: 'one' },
      { D: 'two', E: 'two' },
    ],
  };

  test('are fetched once for the task, under its role, and win over the rest', async () => {
    const fake = world();
    const requests: SecretsRequest[] = [];
    const resolveSecrets = async (request: SecretsRequest) => {
      requests.push(request);
      if (requests.length === 1) throw new SecretsError('temporary', 'throttled');
      return answer;
    };
    const first = fake.executor({ resolveSecrets });
    first.ensure(spec, 'RUNNING');
    await fake.untilStatus('RUNNING');
    assert.equal(requests.length, 2);
    assert.deepEqual(requests[1], {
      account: '123456789012',
      region: 'us-east-1',
      role: { arn: spec.executionRoleArn, sessionName: ID },
      secrets: web.secrets,
      environmentFiles: web.environmentFiles,
    });
    const expected = { A: 'hunter2', B: 'environment', C: 'environment', D: 'one', E: 'two' };
    assert.deepEqual(fake.runtime.container(`${NAME}-web`).spec.environment, expected);
    assert.ok(fake.timeline.includes('secrets fetched for web'));
    await first.close();

    const second = fake.executor({ resolveSecrets });
    const before = fake.reports.length;
    second.ensure(spec, 'RUNNING');
    await fake.until(() => fake.reports.length > before);
    assert.equal(requests.length, 2, 'an adopted task needs no secrets');
    await second.close();
    assert.doesNotMatch(JSON.stringify([fake.reports, fake.timeline]), /hunter2/);
  });

  test('that are refused fail the task in the words given', async () => {
    const fake = world();
    const words = 'ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException';
    const executor = fake.executor({ resolveSecrets: () => Promise.reject(new SecretsError('rejected', words)) });
    executor.ensure(spec, 'RUNNING');
    const stopped = await fake.untilStatus('STOPPED');
    assert.equal(stopped.stopCode, 'TaskFailedToStart');
    assert.equal(stopped.stoppedReason, words);
    assert.ok(!fake.steps.includes('create -web'));
    await executor.close();
  });

  test("are hidden in the engine's words", async () => {
    const fake = world();
    fake.runtime.fail('create', `${NAME}-web`, new RuntimeError('rejected', 'invalid variable A=hunter2'));
    const executor = fake.executor({ resolveSecrets: async () => answer });
    executor.ensure(spec, 'RUNNING');
    const stopped = await fake.untilStatus('STOPPED');
    assert.equal(
      stopped.stoppedReason,
      'CannotCreateContainerError: Error response from daemon: invalid variable A=***',
    );
    await executor.close();
  });
});
