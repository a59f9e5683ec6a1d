import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metadataId } from './metadata-id.ts';
import { taskSpec } from './task-spec.ts';
import { INTERFACE, definitionRow, taskRow } from './testing-rows.ts';

const HOST = '127.0.0.1:4566';
const MIB = 1024 * 1024;
/** What every container gets, so that an SDK in it finds this server. */
const INJECTED = {
  AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ENDPOINT_URL: 'http://169.254.170.2',
  ECS_CONTAINER_METADATA_URI: `http://169.254.170.2/v3/${metadataId({ id: 't1' }, 'web')}`,
  ECS_CONTAINER_METADATA_URI_V4: `http://169.254.170.2/v4/${metadataId({ id: 't1' }, 'web')}`,
  ECS_AGENT_URI: `http://169.254.170.2/api/${metadataId({ id: 't1' }, 'web')}`,
};
/** What a container has where its definition says nothing of it. */
const NOTHING = {
  secrets: [],
  environmentFiles: [],
  mounts: [],
  volumesFrom: [],
  tmpfs: [],
  devices: [],
  systemControls: {},
  securityOptions: [],
};
const task = taskRow({ interface: INTERFACE });
const only = (container: object, overrides: object = {}) =>
  taskSpec(
    { ...task, overrides: { containerOverrides: [{ name: 'other' }, { name: 'web', ...overrides }] } },
    definitionRow([{ name: 'web', image: 'httpd', ...container }]),
    HOST,
  ).containers[0];

test('a task on the network: its interface, and the VPC’s resolver at base + 2', () => {
  const spec = taskSpec(task, definitionRow(), HOST);
  assert.deepEqual(
    [spec.taskId, spec.family, spec.taskDefinitionRevision, spec.cpuUnits, spec.memoryBytes],
    ['t1', 'site', 1, 256, 512 * MIB],
  );
  assert.deepEqual(spec.network, {
    mode: 'awsvpc',
    vpcId: 'vpc-1',
    interfaceId: 'eni-1',
    privateIp: '172.31.0.11',
    hostname: 'ip-172-31-0-11.ec2.internal',
    dnsServers: ['172.31.0.2'],
    dnsSearch: ['ec2.internal'],
  });
  const small = { ...task, interface: { ...INTERFACE, vpcCidr: '10.1.2.240/28' } };
  const { network } = taskSpec(small, definitionRow(), HOST);
  assert.deepEqual(network.mode === 'awsvpc' && network.dnsServers, ['10.1.2.242']);
  assert.throws(() => taskSpec(taskRow(), definitionRow(), HOST), /no network interface yet/);
});

test('a container that says little gets ECS’s defaults', () => {
  assert.deepEqual(only({}), {
    name: 'web',
    image: 'httpd',
    pullReference: 'httpd',
    pullFrom: 'public',
    essential: true,
    environment: INJECTED,
    capabilitiesAdd: [],
    capabilitiesDrop: [],
    ulimits: [],
    dependsOn: [],
    stopTimeoutMs: 30_000,
    dockerLabels: {},
    ...NOTHING,
  });
});

test('a container that says much is translated, in bytes and milliseconds', () => {
  const container = only({
    image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/site:1',
    essential: false,
    cpu: 128,
    memory: 256,
    memoryReservation: 128,
    entryPoint: ['sh', '-c'],
    command: ['true'],
    environment: [{ name: 'A', value: '1' }],
    workingDirectory: '/srv',
    user: '1000',
    readonlyRootFilesystem: true,
    linuxParameters: { initProcessEnabled: true, capabilities: { add: ['SYS_PTRACE'], drop: ['ALL'] } },
    ulimits: [{ name: 'nofile', softLimit: 1, hardLimit: 2 }],
    dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }],
    startTimeout: 5,
    stopTimeout: 7,
    dockerLabels: { l: '1' },
    healthCheck: { command: ['CMD', 'true'], interval: 5, timeout: 2, retries: 1, startPeriod: 9 },
  });
  assert.deepEqual(container, {
    name: 'web',
    image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/site:1',
    pullReference: `${HOST}/site:1`,
    pullFrom: 'ecr',
    essential: false,
    cpuUnits: 128,
    memoryBytes: 256 * MIB,
    memoryReservationBytes: 128 * MIB,
    entryPoint: ['sh', '-c'],
    command: ['true'],
    environment: { ...INJECTED, A: '1' },
    workingDirectory: '/srv',
    user: '1000',
    readonlyRootFilesystem: true,
    initProcess: true,
    capabilitiesAdd: ['SYS_PTRACE'],
    capabilitiesDrop: ['ALL'],
    ulimits: [{ name: 'nofile', soft: 1, hard: 2 }],
    dependsOn: [{ container: 'db', condition: 'HEALTHY' }],
    startTimeoutMs: 5000,
    stopTimeoutMs: 7000,
    dockerLabels: { l: '1' },
    healthCheck: { command: ['CMD', 'true'], intervalMs: 5000, timeoutMs: 2000, retries: 1, startPeriodMs: 9000 },
    ...NOTHING,
  });
});

test('what an exported definition leaves empty is the image’s own', () => {
  const container = only({ entryPoint: [], command: [], user: '', workingDirectory: '' });
  assert.deepEqual(container, only({}));
});

test('a private registry’s password is in a secret', () => {
  const credentialsParameter = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:hub';
  assert.equal(only({ repositoryCredentials: { credentialsParameter } })?.pullSecret, credentialsParameter);
});

test('secrets and files of variables are named; an override’s files take the place of the definition’s', () => {
  const secrets = [{ name: 'A', valueFrom: 'p' }];
  const environmentFiles = [{ type: 's3' as const, value: 'arn:aws:s3:::b/a.env' }];
  const container = only({ secrets, environmentFiles });
  assert.deepEqual([container?.secrets, container?.environmentFiles], [secrets, ['arn:aws:s3:::b/a.env']]);
  const other = only({ environmentFiles }, { environmentFiles: [{ type: 's3', value: 'arn:aws:s3:::b/b.env' }] });
  assert.deepEqual(other?.environmentFiles, ['arn:aws:s3:::b/b.env']);
});

test('volumes: of the task, of the host, of the engine; and where containers have them', () => {
  const docker = { driver: 'local', driverOpts: { o: 'x' }, labels: { l: '1' } };
  const spec = taskSpec(
    task,
    definitionRow(
      [
        {
          name: 'web',
          image: 'x',
          mountPoints: [{ sourceVolume: 'scratch', containerPath: '/s', readOnly: true }],
          volumesFrom: [{ sourceContainer: 'b' }],
          linuxParameters: { tmpfs: [{ containerPath: '/t', size: 2, mountOptions: ['ro'] }] },
        },
      ],
      {
        volumes: [
          { name: 'scratch', host: {} },
          { name: 'host', host: { sourcePath: '/srv' } },
          { name: 'own', dockerVolumeConfiguration: { ...docker, scope: 'task' } },
          { name: 'shared', dockerVolumeConfiguration: { scope: 'shared', autoprovision: true } },
          { name: 'there', dockerVolumeConfiguration: { scope: 'shared' } },
        ],
      },
    ),
    HOST,
  );
  const engine = { kind: 'docker', shared: true, driver: 'local', driverOptions: {}, labels: {} };
  assert.deepEqual(spec.volumes, [
    { kind: 'task', name: 'scratch' },
    { kind: 'bind', name: 'host', hostPath: '/srv' },
    { ...engine, name: 'own', shared: false, autoprovision: true, driverOptions: { o: 'x' }, labels: { l: '1' } },
    { ...engine, name: 'shared', autoprovision: true },
    { ...engine, name: 'there', autoprovision: false },
  ]);
  const [container] = spec.containers;
  assert.deepEqual(container?.mounts, [{ volume: 'scratch', path: '/s', readOnly: true }]);
  assert.deepEqual(container?.volumesFrom, [{ container: 'b', readOnly: false }]);
  assert.deepEqual(container?.tmpfs, [{ path: '/t', sizeBytes: 2 * MIB, options: ['ro'] }]);
});

test('what the kernel is told, and the restart policy', () => {
  const container = only({
    linuxParameters: { sharedMemorySize: 3, maxSwap: 4, swappiness: 5, devices: [{ hostPath: '/dev/fuse' }] },
    systemControls: [{ namespace: 'net.core.somaxconn', value: '1' }],
    dockerSecurityOptions: ['no-new-privileges'],
    privileged: true,
    interactive: true,
    pseudoTerminal: true,
    restartPolicy: { enabled: true, ignoredExitCodes: [0] },
  });
  assert.deepEqual([container?.sharedMemoryBytes, container?.swapBytes, container?.swappiness], [3 * MIB, 4 * MIB, 5]);
  assert.deepEqual(container?.devices, [{ hostPath: '/dev/fuse', containerPath: '/dev/fuse', permissions: 'rwm' }]);
  assert.deepEqual(container?.systemControls, { 'net.core.somaxconn': '1' });
  assert.deepEqual(container?.securityOptions, ['no-new-privileges']);
  assert.deepEqual([container?.privileged, container?.interactive, container?.pseudoTerminal], [true, true, true]);
  assert.deepEqual(container?.restart, { ignoredExitCodes: [0], attemptPeriodMs: 300_000 });
  assert.equal(only({ restartPolicy: { enabled: false } })?.restart, undefined);
});

test('overrides go to their container: command, size, and variables over those of the definition', () => {
  const definition = {
    command: ['a'],
    cpu: 1,
    memory: 10,
    environment: [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ],
  };
  const container = only(definition, {
    command: ['b'],
    cpu: 2,
    memory: 20,
    memoryReservation: 15,
    environment: [
      { name: 'B', value: '3' },
      { name: 'C', value: '4' },
    ],
  });
  assert.deepEqual(
    [container?.command, container?.cpuUnits, container?.memoryBytes, container?.memoryReservationBytes],
    [['b'], 2, 20 * MIB, 15 * MIB],
  );
  assert.deepEqual(container?.environment, { ...INJECTED, A: '1', B: '3', C: '4' });
  assert.deepEqual(only(definition)?.command, ['a']);
});

test('the task’s own roles, and its processes', () => {
  const definition = definitionRow(undefined, { executionRoleArn: 'pull', pidMode: 'task' });
  const spec = taskSpec(task, definition, HOST);
  assert.deepEqual([spec.executionRoleArn, spec.pidMode], ['arn:aws:iam::123456789012:role/pull', 'task']);
  const overridden = { ...task, overrides: { executionRoleArn: 'other' } };
  assert.equal(taskSpec(overridden, definition, HOST).executionRoleArn, 'arn:aws:iam::123456789012:role/other');
});

test('a task with a role is told where its credentials are; its own variables win', () => {
  const withRole = taskSpec({ ...task, credentialsId: 'id' }, definitionRow(), HOST);
  assert.equal(withRole.containers[0]?.environment['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'], '/v2/credentials/id');
  const environment = [{ name: 'AWS_REGION', value: 'eu-west-1' }];
  assert.equal(only({ environment })?.environment['AWS_REGION'], 'eu-west-1');
});

test('awslogs: the stream is prefix/container/task', () => {
  const logs = (options: object) => only({ logConfiguration: { logDriver: 'awslogs', options } })?.logs;
  const mode = { kind: 'non-blocking', maxBufferBytes: 10 * MIB };
  assert.deepEqual(logs({ 'awslogs-group': 'g', 'awslogs-stream-prefix': 'ecs', 'awslogs-region': 'eu-west-1' }), {
    account: '123456789012',
    region: 'eu-west-1',
    group: 'g',
    stream: 'ecs/web/t1',
    createGroup: false,
    mode,
  });
  assert.deepEqual(logs({ 'awslogs-group': 'g', 'awslogs-create-group': 'True' }), {
    account: '123456789012',
    region: 'us-east-1',
    group: 'g',
    stream: 'web/t1',
    createGroup: true,
    mode,
  });
});

test('awslogs: how lines are carried', () => {
  const options = { mode: 'blocking', 'awslogs-multiline-pattern': '^x' };
  const logs = only({ logConfiguration: { logDriver: 'awslogs', options } })?.logs;
  assert.deepEqual([logs?.mode, logs?.multiline], [{ kind: 'blocking' }, { pattern: '^x' }]);
});

test('a health check has defaults, and NONE is none', () => {
  assert.deepEqual(only({ healthCheck: { command: ['CMD-SHELL', 'true'] } })?.healthCheck, {
    command: ['CMD-SHELL', 'true'],
    intervalMs: 30_000,
    timeoutMs: 5000,
    retries: 3,
    startPeriodMs: 0,
  });
  assert.equal(only({ healthCheck: { command: ['NONE'] } })?.healthCheck, undefined);
  const asOne = only({ healthCheck: { command: ['CMD-SHELL, curl -f http://localhost || exit 1'] } });
  assert.deepEqual(asOne?.healthCheck?.command, ['CMD-SHELL', 'curl -f http://localhost || exit 1']);
});

test('a container that was heard to run, or to end, is not to be started anew', () => {
  const spec = (state: object) => {
    const [row] = task.containers;
    const containers = [{ ...row, name: 'web', ...state } as (typeof task.containers)[number]];
    return taskSpec({ ...task, containers }, definitionRow([{ name: 'web', image: 'httpd' }]), HOST).containers[0];
  };
  assert.equal(spec({ status: 'PENDING' })?.hasRun, undefined);
  assert.equal(spec({ status: 'STOPPED', reason: 'CannotPullContainerError: no' })?.hasRun, undefined);
  assert.equal(spec({ status: 'RUNNING' })?.hasRun, true);
  assert.equal(spec({ status: 'STOPPED', exitCode: 1 })?.hasRun, true);
  assert.equal(spec({ status: 'STOPPED', exitCode: 1 })?.failure, undefined);
  const refused = 'CannotPullContainerError: no';
  assert.equal(spec({ status: 'STOPPED', reason: refused })?.failure, refused);
  assert.equal(spec({ status: 'PENDING', reason: refused })?.failure, undefined);
  const gone = spec({ status: 'STOPPED', reason: 'ContainerVanishedError: No container matching saved ID found' });
  assert.deepEqual([gone?.hasRun, gone?.failure], [true, undefined]);
});
