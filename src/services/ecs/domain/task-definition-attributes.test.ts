import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { compatibilitiesOf, requiredAttributes } from './task-definition-attributes.ts';
import type { Definition } from './task-definition-rules.ts';
import { FARGATE, ON_BRIDGE, REGISTRY_HOST, WEB } from './testing-task-definition.ts';

const AGENT = 'com.amazonaws.ecs.capability.';
const names = (change: Partial<Definition>, base = FARGATE) =>
  requiredAttributes({ ...base, ...change }, REGISTRY_HOST).map(({ name }) => name);
const web = (change: ContainerDefinition) => ({ containerDefinitions: [{ ...WEB, ...change }] });

test('compatibilities are those launch types that would accept it', () => {
  const of = (change: Partial<Definition>, base = FARGATE) => compatibilitiesOf({ ...base, ...change }, REGISTRY_HOST);
  assert.deepEqual(of({}), ['EC2', 'FARGATE']);
  assert.deepEqual(of({ requiresCompatibilities: [] }), ['EC2', 'FARGATE']);
  assert.deepEqual(of({ memory: '4096' }), ['EC2']);
  assert.deepEqual(of(web({ privileged: true })), ['EC2']);
  assert.deepEqual(of({}, ON_BRIDGE), ['EXTERNAL', 'EC2']);
  assert.deepEqual(of({ requiresCompatibilities: ['MANAGED_INSTANCES'] }), ['EC2', 'FARGATE', 'MANAGED_INSTANCES']);
});

test('a task on Fargate that says little needs an interface of its own', () => {
  assert.deepEqual(names({}), ['ecs.capability.task-eni', `${AGENT}docker-remote-api.1.18`]);
});

test('each feature needs its capability, once', () => {
  const image = '123456789012.dkr.ecr.us-east-1.amazonaws.com/site';
  const logConfiguration = { logDriver: 'awslogs' as const, options: {} };
  assert.deepEqual(names({ executionRoleArn: 'pull', taskRoleArn: 'app', ...web({ image, logConfiguration }) }), [
    `${AGENT}logging-driver.awslogs`,
    `${AGENT}docker-remote-api.1.19`,
    'ecs.capability.execution-role-awslogs',
    `${AGENT}ecr-auth`,
    'ecs.capability.execution-role-ecr-pull',
    `${AGENT}task-iam-role`,
    'ecs.capability.task-eni',
    `${AGENT}docker-remote-api.1.18`,
  ]);
  const cases: readonly [Partial<Definition>, string][] = [
    [web({ secrets: [{ name: 'A', valueFrom: 'p' }] }), 'ecs.capability.secrets.ssm.environment-variables'],
    [
      web({ secrets: [{ name: 'A', valueFrom: 'arn:aws:secretsmanager:us-east-1:1:secret:x' }] }),
      'ecs.capability.secrets.asm.environment-variables',
    ],
    [web({ environmentFiles: [{ type: 's3', value: 'x' }] }), 'ecs.capability.env-files.s3'],
    [web({ healthCheck: { command: ['CMD', 'x'] } }), 'ecs.capability.container-health-check'],
    [web({ restartPolicy: { enabled: true } }), 'ecs.capability.container-restart-policy'],
    [web({ memoryReservation: 64 }), `${AGENT}docker-remote-api.1.21`],
    [web({ linuxParameters: { initProcessEnabled: true } }), `${AGENT}docker-remote-api.1.25`],
    [web({ privileged: true }), `${AGENT}privileged-container`],
    [web({ portMappings: [{ containerPortRange: '1-2' }] }), 'ecs.capability.container-port-range'],
    [
      web({ repositoryCredentials: { credentialsParameter: 'x' } }),
      'ecs.capability.private-registry-authentication.secretsmanager',
    ],
    [{ pidMode: 'task' }, 'ecs.capability.pid-ipc-namespace-sharing'],
    [{ volumes: [{ name: 'v', dockerVolumeConfiguration: {} }] }, 'ecs.capability.docker-plugin.local'],
  ];
  for (const [change, name] of cases) assert.ok(names(change).includes(name), name);
  assert.ok(names({ cpu: '256' }, ON_BRIDGE).includes('ecs.capability.task-cpu-mem-limit'));
});
