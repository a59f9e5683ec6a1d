import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerSpec, pauseSpec } from './container-spec.ts';
import { ensurePauseImage, PAUSE_IMAGE } from './pause-image.ts';
import { pauseProgram } from './pause-program.ts';
import { tarOfProgram } from './tar-archive.ts';
import { testContainer, testTask } from './testing.ts';

const options = { instanceId: 'abcd1234', pauseId: 'p1', image: { id: 'sha256:1', sizeBytes: 1 } };

test('the pause container has the name of the interface, and says whose it is', () => {
  const spec = pauseSpec(testTask([]), { instanceId: 'abcd1234', image: PAUSE_IMAGE });
  assert.equal(spec.name, 'ls-abcd1234-0123456789abcdef0123456789abcdef.pause');
  assert.equal(spec.network, 'bare');
  assert.equal(spec.hostname, 'ip-172-31-0-11.ec2.internal');
  assert.equal(spec.labels['longshore.role'], 'pause');
  assert.equal(spec.labels['longshore.interface'], 'eni-1');
});

test("the network's files are mounted, save where a container has a mount of its own", () => {
  const file = (name: string, readOnly = false) =>
    ({ kind: 'bind', source: `/tasks/t/${name}`, target: `/etc/${name}`, readOnly }) as const;
  const networkFiles = [file('hosts'), file('resolv.conf')];
  const tmpfs = [{ path: '/etc/hosts', sizeBytes: 1, options: [] }];
  const web = testContainer('web', { readonlyRootFilesystem: true });
  const task = testTask([web]);
  const place = { ...options, networkFiles };
  assert.deepEqual(containerSpec(task, testContainer('web'), place).mounts, networkFiles);
  assert.deepEqual(containerSpec(task, web, place).mounts, [file('hosts', true), file('resolv.conf', true)]);
  assert.deepEqual(containerSpec(task, testContainer('web', { tmpfs }), place).mounts?.length, 2);
});

test("a container carries ECS's labels, and its own never hide ours", () => {
  const web = testContainer('web', { dockerLabels: { team: 'a', 'longshore.task': 'forged' } });
  const task = testTask([web]);
  const image = { ...options.image, digest: 'sha256:2' };
  const spec = containerSpec(task, web, { ...options, image });
  assert.equal(spec.image, 'web@sha256:2');
  assert.equal(spec.network, 'container:p1');
  assert.deepEqual(spec.labels, {
    team: 'a',
    'longshore.instance': 'abcd1234',
    'longshore.task': task.taskArn,
    'longshore.container': 'web',
    'longshore.role': 'container',
    'longshore.image-digest': 'sha256:2',
    'com.amazonaws.ecs.cluster': task.clusterArn,
    'com.amazonaws.ecs.container-name': 'web',
    'com.amazonaws.ecs.task-arn': task.taskArn,
    'com.amazonaws.ecs.task-definition-family': 'web',
    'com.amazonaws.ecs.task-definition-version': '3',
  });
  assert.deepEqual(spec.healthCheck?.test, ['NONE']);
});

test("limits are a container's own, or the task's", () => {
  const web = testContainer('web', { cpuUnits: 128, memoryBytes: 64, memoryReservationBytes: 32 });
  const [one, two] = [testContainer('one'), testContainer('two')];
  const task = testTask([web, one, two], { cpuUnits: 256, memoryBytes: 512 });
  const limits = (container: typeof web, of = task) => {
    const { cpuShares, cpuLimit, memoryLimitBytes, memoryReservationBytes } = containerSpec(of, container, options);
    return [cpuShares, cpuLimit, memoryLimitBytes, memoryReservationBytes];
  };
  assert.deepEqual(limits(web), [128, 256, 64, 32]);
  assert.deepEqual(limits(one), [64, 256, 512, undefined]);
  assert.deepEqual(limits(one, testTask([one])), [undefined, undefined, undefined, undefined]);
});

test('the pause image is made once', async () => {
  const imported: string[] = [];
  const host = {
    inspectImage: async (reference: string) =>
      imported.includes(reference) ? { id: 'sha256:1', sizeBytes: 1 } : undefined,
    importImage: async (tar: Buffer, reference: string, changes: readonly string[]) => {
      assert.equal(tar.length % 512, 0);
      assert.deepEqual(changes, ['ENTRYPOINT ["/pause"]']);
      imported.push(reference);
    },
  };
  await ensurePauseImage(host);
  await ensurePauseImage(host);
  assert.deepEqual(imported, ['longshore/pause:1']);
});

test('the pause program is an executable of a few bytes for both architectures', () => {
  for (const arch of ['x64', 'arm64']) {
    const program = pauseProgram(arch);
    assert.ok(program && program.length < 200);
    assert.equal(program.subarray(0, 4).toString('latin1'), '\x7fELF');
    assert.equal(program.readBigUInt64LE(24), 0x400078n);
    assert.equal(tarOfProgram('pause', program).subarray(257, 263).toString('latin1'), 'ustar\0');
  }
  assert.equal(pauseProgram('s390x'), undefined);
});

test('what a task definition says of the host is passed on, and what it leaves out is left out', () => {
  const web = testContainer('web', {
    sharedMemoryBytes: 64,
    swapBytes: 32,
    swappiness: 10,
    devices: [{ hostPath: '/dev/fuse', containerPath: '/dev/fuse', permissions: 'rwm' }],
    systemControls: { 'net.core.somaxconn': '1024' },
    securityOptions: ['no-new-privileges'],
    privileged: true,
    interactive: true,
    pseudoTerminal: true,
    initProcess: true,
    command: [],
  });
  const { name: _name, image: _image, labels: _labels, ...said } = containerSpec(testTask([web]), web, options);
  const plain = containerSpec(testTask([testContainer('web')]), testContainer('web'), options);
  const added = Object.keys(said).filter((key) => !(key in plain));
  assert.deepEqual(added.toSorted(), [
    'command',
    'devices',
    'init',
    'interactive',
    'privileged',
    'pseudoTerminal',
    'securityOptions',
    'sharedMemoryBytes',
    'swapBytes',
    'swappiness',
    'systemControls',
  ]);
});

test('processes are shared through the pause container, which then reaps, or with the host', () => {
  const web = testContainer('web');
  const shared = testTask([web], { pidMode: 'task' });
  assert.equal(containerSpec(shared, web, options).pidMode, 'container:p1');
  const pause = { instanceId: 'abcd1234', image: PAUSE_IMAGE };
  assert.equal(pauseSpec(shared, pause).init, true);
  assert.equal(pauseSpec(shared, { ...pause, cgroupParent: '/group' }).cgroupParent, '/group');
  assert.equal(containerSpec(testTask([web], { pidMode: 'host' }), web, options).pidMode, 'host');
  assert.equal(containerSpec(testTask([web]), web, options).pidMode, undefined);
  assert.equal(pauseSpec(testTask([web]), pause).init, undefined);
});

test('another container’s volumes are those of its name on the engine', () => {
  const source = testContainer('the source');
  const reader = testContainer('reader', { volumesFrom: [{ container: 'the source', readOnly: true }] });
  const spec = testTask([source, reader]);
  const place = { instanceId: 'abcd0123', pauseId: 'p', image: { id: 'sha256:1', sizeBytes: 1 } };
  assert.deepEqual(containerSpec(spec, reader, place).volumesFrom, [
    { container: containerSpec(spec, source, place).name, readOnly: true },
  ]);
  assert.equal(containerSpec(spec, source, place).volumesFrom, undefined);
});
