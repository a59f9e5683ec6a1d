import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { normaliseTaskDefinition } from './task-definition.ts';
import type { Definition } from './task-definition-rules.ts';
import { FARGATE, ON_BRIDGE, REGISTRY_HOST, WEB, refused } from './testing-task-definition.ts';

const container = (change: ContainerDefinition): Partial<Definition> => ({
  containerDefinitions: [{ ...WEB, ...change }],
});
const withoutPrefix = {
  logDriver: 'awslogs' as const,
  options: { 'awslogs-group': 'g', 'awslogs-region': 'us-east-1' },
};
const logs = {
  ...withoutPrefix,
  options: { ...withoutPrefix.options, 'awslogs-stream-prefix': 'ecs' },
};

test('what Fargate must have', () => {
  refused({ networkMode: 'bridge' }, /^Fargate only supports network mode ‘awsvpc’\.$/);
  refused({ networkMode: undefined }, /^Fargate only supports network mode ‘awsvpc’\.$/);
  refused({ cpu: undefined }, /^Fargate requires that 'cpu' be defined at the task level\.$/);
  refused({ memory: undefined }, /^Fargate requires that 'memory' be defined at the task level\.$/);
  refused(container({ image: `${REGISTRY_HOST}/site` }), /execution role ARN to support ECR images\.$/);
  refused(
    container({ image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/site' }),
    /^Fargate requires task definition to have execution role ARN to support ECR images\.$/,
  );
  refused(container({ logConfiguration: logs }), /execution role ARN to support log driver awslogs\.$/);
  refused(
    { executionRoleArn: 'pull', ...container({ logConfiguration: withoutPrefix }) },
    /^Fargate requires log configuration options to include awslogs-stream-prefix to support log driver awslogs\.$/,
  );
});

/** Each as a change, in Fargate's refusal, which container instances take. */
const ONLY_ON_INSTANCES: readonly [Partial<Definition>, RegExp][] = [
  [{ ipcMode: 'task' }, /^Tasks using the Fargate launch type do not support ipcMode\.$/],
  [{ pidMode: 'host' }, /only support pidMode 'task'/],
  [{ placementConstraints: [{ type: 'memberOf', expression: 'attribute:a == b' }] }, /do not support placementConstr/],
  [
    { volumes: [{ name: 'v', host: { sourcePath: '/srv' } }] },
    /^Fargate compatible task definitions do not support sourcePath$/,
  ],
  [{ volumes: [{ name: 'v', dockerVolumeConfiguration: { scope: 'task' } }] }, /dockerVolumeConfiguration/],
  [container({ memory: 64, privileged: true }), /do not support privileged/],
  [container({ memory: 64, dockerSecurityOptions: ['no-new-privileges'] }), /dockerSecurityOptions/],
  [container({ memory: 64, linuxParameters: { devices: [{ hostPath: '/dev/fuse' }] } }), /devices/],
  [container({ memory: 64, linuxParameters: { sharedMemorySize: 64 } }), /sharedMemorySize/],
  [container({ memory: 64, linuxParameters: { maxSwap: 0 } }), /maxSwap/],
  [container({ memory: 64, linuxParameters: { capabilities: { add: ['NET_ADMIN'] } } }), /SYS_PTRACE.*NET_ADMIN/],
  [container({ memory: 64, stopTimeout: 121 }), /stopTimeout .* between 0 and 120/],
];

test('what Fargate cannot have is kept for container instances', () => {
  for (const [change, message] of ONLY_ON_INSTANCES) {
    refused(change, message);
    const kept = normaliseTaskDefinition({ ...ON_BRIDGE, ...change, requiresCompatibilities: ['EC2'] }, REGISTRY_HOST);
    for (const [member, value] of Object.entries(change)) {
      if (member !== 'containerDefinitions') assert.deepEqual(kept[member as keyof Definition], value);
    }
  }
});

test('what Fargate takes of the rest', () => {
  const definition: Definition = {
    ...FARGATE,
    executionRoleArn: 'ecsTaskExecutionRole',
    pidMode: 'task',
    ephemeralStorage: { sizeInGiB: 200 },
    volumes: [{ name: 'scratch' }],
    ...container({
      linuxParameters: {
        initProcessEnabled: true,
        capabilities: { add: ['SYS_PTRACE'], drop: ['ALL'] },
        tmpfs: [{ containerPath: '/run', size: 16, mountOptions: ['rw', 'mode=1777'] }],
      },
      systemControls: [{ namespace: 'net.core.somaxconn', value: '1024' }],
      mountPoints: [{ sourceVolume: 'scratch', containerPath: '/scratch', readOnly: false }],
      ulimits: [{ name: 'nofile', softLimit: 1024, hardLimit: 4096 }],
      stopTimeout: 120,
      logConfiguration: logs,
      interactive: true,
      pseudoTerminal: true,
    }),
  };
  normaliseTaskDefinition(definition, REGISTRY_HOST);
  refused({ ephemeralStorage: { sizeInGiB: 20 } }, /between 21 and 200/);
  refused({ ephemeralStorage: { sizeInGiB: 201 } }, /between 21 and 200/);
});

test('the network mode says what a container may say of its network', () => {
  const onBridge = container({
    memory: 64,
    hostname: 'h',
    dnsServers: ['10.0.0.2'],
    extraHosts: [{ hostname: 'a', ipAddress: '10.0.0.3' }],
  });
  normaliseTaskDefinition({ ...ON_BRIDGE, ...onBridge }, REGISTRY_HOST);
  refused(container({ hostname: 'h' }), /^hostname is not supported on container when networkMode=awsvpc\.$/);
  refused(container({ dnsServers: ['10.0.0.2'] }), /^dnsServers is not supported on container/);
  refused(container({ extraHosts: [{ hostname: 'a', ipAddress: '10.0.0.3' }] }), /^extraHosts is not supported/);
  refused(container({ links: ['db'] }), /^Links are not supported when networkMode=awsvpc\.$/);
  refused(container({ memory: 64, links: ['db'] }), /^Links are not supported when networkMode=host\.$/, {
    ...ON_BRIDGE,
    networkMode: 'host',
  });
  refused({ requiresCompatibilities: ['EXTERNAL'] }, /External launch type does not support network mode/);
});
