import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { normaliseTaskDefinition } from './task-definition.ts';
import type { Definition } from './task-definition-rules.ts';
import { FARGATE, REGISTRY_HOST, WEB, refused } from './testing-task-definition.ts';

const container = (change: ContainerDefinition): Partial<Definition> => ({
  containerDefinitions: [{ ...WEB, ...change }],
});
const ROLE = 'arn:aws:iam::123456789012:role/app';

test('defaults are filled in as ECS shows them', () => {
  const healthCheck = { command: ['CMD', 'true'], interval: 10 };
  const definition = normaliseTaskDefinition(
    { ...FARGATE, ...container({ healthCheck }), volumes: [{ name: 'v' }] },
    REGISTRY_HOST,
  );
  const [first] = definition.containerDefinitions ?? [];
  assert.equal(first?.essential, true);
  assert.equal(first?.cpu, 0);
  assert.deepEqual(first?.portMappings, [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }]);
  assert.deepEqual(
    [first?.environment, first?.mountPoints, first?.volumesFrom, first?.systemControls],
    [[], [], [], []],
  );
  assert.deepEqual(first?.healthCheck, { ...healthCheck, timeout: 5, retries: 3 });
  assert.deepEqual(definition.volumes, [{ name: 'v', host: {} }]);
  const roles = normaliseTaskDefinition({ ...FARGATE, taskRoleArn: '', executionRoleArn: '' }, REGISTRY_HOST);
  assert.ok(!('taskRoleArn' in roles) && !('executionRoleArn' in roles));
});

test('sizes may be written in vCPU and GB, and are shown in units and MiB, whatever the launch type', () => {
  for (const requiresCompatibilities of [['FARGATE' as const], []]) {
    const sized = normaliseTaskDefinition(
      { ...FARGATE, requiresCompatibilities, cpu: '.25 vCPU', memory: '0.5GB' },
      REGISTRY_HOST,
    );
    assert.deepEqual([sized.cpu, sized.memory], ['256', '512']);
  }
  refused({ memory: '4096' }, /^No Fargate configuration exists for given values: 256 CPU, 4096 memory\./);
  refused({ cpu: 'much' }, /^Invalid 'cpu' setting for task\.$/);
  refused({ memory: '1 TB' }, /^Invalid 'memory' setting for task\.$/);
});

test('the definition as a whole: names, counts, size', () => {
  const many = Array.from({ length: 11 }, (_, i) => ({ name: `c${i}`, image: 'x' }));
  const big = Array.from({ length: 3 }, (_, i) => ({ name: `V${i}`, value: 'x'.repeat(22_000) }));
  const refusals: readonly [Partial<Definition>, RegExp][] = [
    [{ family: 'a b' }, /Family contains invalid characters/],
    [{ containerDefinitions: [] }, /Container list cannot be empty/],
    [{ containerDefinitions: many }, /^Too many containers\.$/],
    [container({ essential: false }), /must be essential/],
    [{ containerDefinitions: [WEB, WEB] }, /unique/],
    [container({ name: 'a b' }), /Container.name contains invalid characters/],
    [container({ image: '' }), /Container.image should not be null or empty/],
    [container({ environment: big }), /^Actual length: '\d+'\. Max allowed length is '65536' bytes\.$/],
    [{ taskRoleArn: 'arn:aws:iam::1:user/x' }, /^Role is not valid$/],
    [container({ cpu: 512 }), /The sum of all container 'cpu' values cannot be greater than/],
    [
      container({ memoryReservation: 1024 }),
      /The sum of all container 'memoryReservation' values cannot be greater than/,
    ],
    [
      container({ memory: 1024, memoryReservation: 10 }),
      /^The 'memory' setting for container 'web' is greater than for the task\.$/,
    ],
    [container({ memory: 20, memoryReservation: 30 }), /'memory' must be greater than 'memoryReservation'/],
    [container({ memory: 3 }), /at least 6 MiB/],
  ];
  for (const [change, message] of refusals) refused(change, message);
  refused(
    { requiresCompatibilities: [], networkMode: 'bridge', cpu: undefined, memory: undefined },
    /^Invalid setting for container 'web'\. At least one of 'memory' or 'memoryReservation' must be specified\.$/,
  );
});

test('what does not work here is refused by name, in every launch type', () => {
  const refusals: readonly [Partial<Definition>, RegExp][] = [
    [
      { runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } },
      /operatingSystemFamily WINDOWS_SERVER_2022_CORE/,
    ],
    [
      { runtimePlatform: { cpuArchitecture: process.arch === 'arm64' ? 'X86_64' : 'ARM64' } },
      /cpuArchitecture .* on this host/,
    ],
    [{ proxyConfiguration: { containerName: 'envoy' } }, /does not support proxyConfiguration/],
    [{ inferenceAccelerators: [{ deviceName: 'd', deviceType: 't' }] }, /inferenceAccelerators/],
    [{ enableFaultInjection: true }, /enableFaultInjection/],
    [{ volumes: [{ name: 'v', efsVolumeConfiguration: { fileSystemId: 'fs-1' } }] }, /volumes\[v\].efsVolumeConfig/],
    [{ volumes: [{ name: 'v', configuredAtLaunch: true }] }, /volumes\[v\].configuredAtLaunch/],
    [container({ resourceRequirements: [{ type: 'GPU', value: '1' }] }), /containerDefinitions\[web\].resourceRequ/],
    [container({ firelensConfiguration: { type: 'fluentbit' } }), /containerDefinitions\[web\].firelensConfiguration/],
    [container({ credentialSpecs: ['credentialspec:x'] }), /credentialSpecs/],
    [container({ logConfiguration: { logDriver: 'splunk' } }), /log driver.*splunk/],
  ];
  for (const [change, message] of refusals) {
    refused({ executionRoleArn: ROLE, ...change }, message);
    refused({ executionRoleArn: ROLE, requiresCompatibilities: ['EC2'], ...change }, message);
  }
});

test('variables, files of variables and secrets', () => {
  const secret = (valueFrom: string, name = 'A') => container({ secrets: [{ name, valueFrom }] });
  const file = (value: string) => container({ environmentFiles: [{ type: 's3', value }] });
  const role = { executionRoleArn: ROLE };
  refused(secret('p'), /^When you are specifying container secrets, you must also specify a value for 'executionRole/);
  refused(file('arn:aws:s3:::b/a.env'), /environment files, you must also specify a value for 'executionRoleArn'/);
  refused(
    container({
      repositoryCredentials: { credentialsParameter: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:x' },
    }),
    /^Private repository authentication requires that the task definition specify a value for executionRoleArn\.$/,
  );
  refused(
    { ...role, ...container({ repositoryCredentials: { credentialsParameter: 'arn:aws:s3:::x' } }) },
    /^Invalid arn syntax\.$/,
  );
  refused({ ...role, ...secret('') }, /cannot be blank/);
  refused({ ...role, ...secret('arn:aws:s3:::b') }, /Secrets Manager or of Systems Manager/);
  refused({ ...role, ...secret('p', '') }, /name cannot be blank/);
  const both = { environment: [{ name: 'A', value: '' }], secrets: [{ name: 'A', valueFrom: 'p' }] };
  refused({ ...role, ...container(both) }, /^The secret name must be unique .*, such as 'A'\.$/);
  refused({ ...role, ...file('arn:aws:s3:::b/a.txt') }, /\.env file extension/);
  refused({ ...role, ...file('s3://b/a.env') }, /^Invalid arn syntax\.$/);
  refused(
    { ...role, ...container({ environmentFiles: Array.from({ length: 11 }, () => ({ type: 's3', value: 'x' })) }) },
    /at most 10/,
  );
  for (const valueFrom of [
    'p',
    '/a/b',
    'arn:aws:ssm:us-east-1:123456789012:parameter/a',
    'arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf:password:AWSCURRENT:',
  ]) {
    normaliseTaskDefinition({ ...FARGATE, ...role, ...secret(valueFrom) }, REGISTRY_HOST);
  }
});

test('a container by itself: times, checks, limits, kernel', () => {
  const linux = (linuxParameters: ContainerDefinition['linuxParameters']) => container({ linuxParameters });
  const refusals: readonly [Partial<Definition>, RegExp][] = [
    [container({ healthCheck: { command: ['curl'] } }), /must start with CMD, CMD-SHELL or NONE/],
    [container({ healthCheck: { command: ['CMD', 'x'], interval: 4 } }), /Health check interval .* between 5 and 300/],
    [container({ healthCheck: { command: ['CMD', 'x'], timeout: 61 } }), /timeout .* between 2 and 60/],
    [container({ healthCheck: { command: ['CMD', 'x'], retries: 11 } }), /retries .* between 1 and 10/],
    [container({ healthCheck: { command: ['CMD', 'x'], startPeriod: 301 } }), /startPeriod .* between 0 and 300/],
    [container({ startTimeout: 1 }), /startTimeout .* at least 2/],
    [container({ restartPolicy: { enabled: true, restartAttemptPeriod: 59 } }), /between 60 and 1800/],
    [container({ restartPolicy: { enabled: true, ignoredExitCodes: Array(51).fill(1) } }), /at most 50/],
    [container({ user: 'a:b:c' }), /'user' must be/],
    [container({ ulimits: [{ name: 'nofile', softLimit: 2, hardLimit: 1 }] }), /soft limit/],
    [container({ ulimits: [{ name: 'nofile', softLimit: -2, hardLimit: 1 }] }), /ulimit 'nofile' .* at least -1/],
    [container({ ulimits: [{ name: 'nofile', softLimit: -2, hardLimit: -2 }] }), /ulimit 'nofile' .* at least -1/],
    [
      container({ ulimits: [{ name: 'files' as 'nofile', softLimit: 1, hardLimit: 1 }] }),
      /^Unrecognized ulimit name files$/,
    ],
    [container({ systemControls: [{ namespace: 'vm.swappiness', value: '1' }] }), /namespace 'vm.swappiness'/],
    [container({ systemControls: [{ namespace: 'net.core.somaxconn' }] }), /needs a value/],
    [linux({ capabilities: { add: ['SYS_MAGIC'] } }), /Invalid Linux capability 'SYS_MAGIC'/],
    [linux({ tmpfs: [{ containerPath: 'x', size: 1 }] }), /absolute path/],
    [linux({ tmpfs: [{ containerPath: '/x', size: 0 }] }), /at least 1 MiB/],
    [linux({ tmpfs: [{ containerPath: '/x', size: 1, mountOptions: ['fast'] }] }), /Invalid tmpfs mount option 'fast'/],
    [linux({ swappiness: 101 }), /swappiness .* between 0 and 100/],
    [linux({ devices: [{ hostPath: 'x' }] }), /'hostPath' of a device/],
  ];
  for (const [change, message] of refusals) refused(change, message);
});
