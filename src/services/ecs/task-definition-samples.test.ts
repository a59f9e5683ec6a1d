import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput, TaskDefinition } from '@aws-sdk/client-ecs';
import { must, openTestEcs } from './testing.ts';

/** The shapes that public samples have: AWS's own, and what describe-task-definition shows of them. */

const ACCOUNT = '123456789012';
const EXECUTION_ROLE = `arn:aws:iam::${ACCOUNT}:role/ecsTaskExecutionRole`;
const logs = (group: string): ContainerDefinition['logConfiguration'] => ({
  logDriver: 'awslogs',
  options: { 'awslogs-group': group, 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'ecs' },
});

/** aws-samples/aws-containers-task-definitions */
const SERVERS: readonly RegisterTaskDefinitionCommandInput[] = [
  {
    family: 'nginx-fargate',
    requiresCompatibilities: ['FARGATE'],
    executionRoleArn: EXECUTION_ROLE,
    containerDefinitions: [
      {
        name: 'nginx',
        image: 'nginx:latest',
        memory: 256,
        cpu: 256,
        essential: true,
        portMappings: [{ containerPort: 80, protocol: 'tcp' }],
        logConfiguration: logs('awslogs-nginx-ecs'),
      },
    ],
    volumes: [],
    networkMode: 'awsvpc',
    placementConstraints: [],
    memory: '512',
    cpu: '256',
  },
  {
    family: 'nginx-ec2',
    requiresCompatibilities: ['EC2'],
    containerDefinitions: [
      {
        name: 'nginx',
        image: 'nginx:latest',
        memory: 256,
        cpu: 256,
        essential: true,
        portMappings: [{ containerPort: 80, protocol: 'tcp' }],
        logConfiguration: logs('awslogs-nginx-ecs'),
      },
    ],
    volumes: [],
    networkMode: 'bridge',
    placementConstraints: [],
  },
  {
    family: 'consul-server',
    networkMode: 'host',
    containerDefinitions: [
      {
        name: 'consul-server',
        image: 'consul',
        cpu: 128,
        memory: 256,
        memoryReservation: 64,
        entryPoint: ['/usr/local/bin/docker-entrypoint.sh'],
        command: ['agent', '-server', '-ui'],
        dockerLabels: { Name: 'consul-server' },
        environment: [{ name: 'CONSUL_BIND_INTERFACE', value: 'eth0' }],
        logConfiguration: logs('consul'),
      },
    ],
  },
  {
    family: 'wildfly',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    executionRoleArn: 'ecsTaskExecutionRole',
    cpu: '512',
    memory: '1024',
    containerDefinitions: [
      {
        name: 'wildfly',
        image: 'jboss/wildfly',
        cpu: 512,
        memory: 1024,
        command: ['/opt/jboss/wildfly/bin/standalone.sh', '-b', '0.0.0.0'],
        portMappings: [
          { hostPort: 8080, containerPort: 8080, protocol: 'tcp' },
          { hostPort: 9990, containerPort: 9990, protocol: 'tcp' },
        ],
        logConfiguration: logs('/ecs/wildfly'),
      },
    ],
  },
];

/** What the console exports: empty lists everywhere, an image of ECR, named ports, a platform. */
const EXPORTED: RegisterTaskDefinitionCommandInput = {
  family: 'orders',
  taskRoleArn: `arn:aws:iam::${ACCOUNT}:role/orders`,
  executionRoleArn: EXECUTION_ROLE,
  networkMode: 'awsvpc',
  requiresCompatibilities: ['EC2', 'FARGATE'],
  cpu: '1024',
  memory: '3072',
  runtimePlatform: {
    cpuArchitecture: process.arch === 'arm64' ? 'ARM64' : 'X86_64',
    operatingSystemFamily: 'LINUX',
  },
  ephemeralStorage: { sizeInGiB: 30 },
  containerDefinitions: [
    {
      name: 'orders',
      image: `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/orders@sha256:${'a'.repeat(64)}`,
      cpu: 0,
      links: [],
      portMappings: [{ name: 'orders-80-tcp', containerPort: 80, hostPort: 80, protocol: 'tcp', appProtocol: 'http' }],
      essential: true,
      entryPoint: [],
      command: [],
      environment: [{ name: 'STAGE', value: 'live' }],
      environmentFiles: [{ value: 'arn:aws:s3:::orders-config/live.env', type: 's3' }],
      secrets: [
        { name: 'DB', valueFrom: `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:orders-AbCdEf:url::` },
        { name: 'KEY', valueFrom: `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/orders/key` },
        { name: 'PLAIN', valueFrom: '/orders/plain' },
      ],
      mountPoints: [{ sourceVolume: 'shared', containerPath: '/shared', readOnly: false }],
      volumesFrom: [],
      dependsOn: [
        { containerName: 'migrate', condition: 'SUCCESS' },
        { containerName: 'xray', condition: 'START' },
        { containerName: 'proxy', condition: 'HEALTHY' },
      ],
      startTimeout: 60,
      stopTimeout: 30,
      dnsServers: [],
      dnsSearchDomains: [],
      extraHosts: [],
      dockerSecurityOptions: [],
      dockerLabels: {},
      ulimits: [{ name: 'nofile', softLimit: 65_536, hardLimit: 65_536 }],
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': '/ecs/orders',
          'awslogs-create-group': 'true',
          'awslogs-region': 'us-east-1',
          'awslogs-stream-prefix': 'ecs',
          mode: 'non-blocking',
          'max-buffer-size': '25m',
        },
        secretOptions: [],
      },
      healthCheck: {
        command: ['CMD-SHELL', 'curl -f http://localhost/ || exit 1'],
        interval: 30,
        timeout: 5,
        retries: 3,
        startPeriod: 10,
      },
      systemControls: [],
      credentialSpecs: [],
    },
    {
      name: 'migrate',
      image: `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/orders:1`,
      essential: false,
      command: ['migrate'],
      restartPolicy: { enabled: true, ignoredExitCodes: [0], restartAttemptPeriod: 60 },
      volumesFrom: [{ sourceContainer: 'proxy', readOnly: true }],
    },
    {
      name: 'xray',
      image: 'public.ecr.aws/xray/aws-xray-daemon:3.x',
      cpu: 32,
      memoryReservation: 256,
      essential: true,
      portMappings: [{ containerPort: 2000, hostPort: 2000, protocol: 'udp' }],
    },
    {
      name: 'proxy',
      image: 'envoyproxy/envoy:v1.30-latest',
      user: '1337',
      essential: true,
      linuxParameters: { initProcessEnabled: true, capabilities: { add: ['SYS_PTRACE'], drop: [] } },
      readonlyRootFilesystem: true,
      healthCheck: { command: ['CMD-SHELL, curl -s http://localhost:9901/ready'] },
    },
  ],
  volumes: [{ name: 'shared', host: {} }],
  placementConstraints: [],
};

/** For container instances: what only they have. */
const AGENT: RegisterTaskDefinitionCommandInput = {
  family: 'node-agent',
  networkMode: 'bridge',
  pidMode: 'host',
  requiresCompatibilities: ['EC2'],
  placementConstraints: [{ type: 'memberOf', expression: 'attribute:ecs.instance-type =~ t3.*' }],
  volumes: [
    { name: 'docker_sock', host: { sourcePath: '/var/run/docker.sock' } },
    { name: 'database', dockerVolumeConfiguration: { scope: 'shared', autoprovision: true, driver: 'local' } },
  ],
  containerDefinitions: [
    {
      name: 'agent',
      image: 'agent:1',
      memory: 128,
      privileged: true,
      hostname: 'agent',
      links: ['database:db'],
      mountPoints: [{ sourceVolume: 'docker_sock', containerPath: '/var/run/docker.sock', readOnly: true }],
      linuxParameters: { sharedMemorySize: 64, devices: [{ hostPath: '/dev/fuse', permissions: ['read', 'write'] }] },
    },
    {
      name: 'database',
      image: 'postgres:16',
      memoryReservation: 256,
      mountPoints: [{ sourceVolume: 'database', containerPath: '/var/lib/postgresql/data' }],
      portMappings: [{ containerPort: 5432, hostPort: 0 }],
    },
  ],
};

const READ_ONLY = [
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
] as const;

/** As users do with an export, or with jq. */
function withoutReadOnly(definition: TaskDefinition): RegisterTaskDefinitionCommandInput {
  const members = Object.entries(definition).filter(([name]) => !(READ_ONLY as readonly string[]).includes(name));
  return Object.fromEntries(members) as unknown as RegisterTaskDefinitionCommandInput;
}

test('samples register unchanged, and what is described of them registers again', async () => {
  const ecs = openTestEcs();
  for (const sample of [...SERVERS, EXPORTED, AGENT]) {
    const { taskDefinition } = await ecs.call('RegisterTaskDefinition', sample);
    assert.partialDeepStrictEqual(taskDefinition, sample, sample.family);
    const described = must(
      (await ecs.call('DescribeTaskDefinition', { taskDefinition: sample.family })).taskDefinition,
    );
    assert.deepEqual(described, taskDefinition);
    const again = must((await ecs.call('RegisterTaskDefinition', withoutReadOnly(described))).taskDefinition);
    assert.equal(again.revision, 2);
    assert.deepEqual(withoutReadOnly(again), withoutReadOnly(described), sample.family);
  }
  await ecs.close();
});

test('they are compatible with the launch types that AWS would tell', async () => {
  const ecs = openTestEcs();
  const compatibilities: Record<string, readonly string[] | undefined> = {};
  for (const sample of [...SERVERS, EXPORTED, AGENT]) {
    const { taskDefinition } = await ecs.call('RegisterTaskDefinition', sample);
    compatibilities[must(sample.family)] = taskDefinition?.compatibilities;
  }
  assert.deepEqual(compatibilities, {
    'nginx-fargate': ['EC2', 'FARGATE'],
    'nginx-ec2': ['EXTERNAL', 'EC2'],
    'consul-server': ['EXTERNAL', 'EC2'],
    wildfly: ['EC2', 'FARGATE'],
    orders: ['EC2', 'FARGATE'],
    'node-agent': ['EXTERNAL', 'EC2'],
  });
  await ecs.close();
});
