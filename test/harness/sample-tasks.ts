import type { ContainerDefinition, TaskDefinition } from '@aws-sdk/client-ecs';

/** The account in AWS's samples, in place of a reader's own. */
export const SAMPLE_ACCOUNT = '111122223333';

const EXECUTION_ROLE = `arn:aws:iam::${SAMPLE_ACCOUNT}:role/ecsTaskExecutionRole`;
const logs = (group: string, more: object = {}): ContainerDefinition['logConfiguration'] => ({
  logDriver: 'awslogs',
  options: { 'awslogs-group': group, 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'ecs', ...more },
  secretOptions: [],
});
/** What describe-task-definition shows of members that were left out. */
const EMPTY = { environment: [], mountPoints: [], volumesFrom: [], systemControls: [] };

/** As `aws ecs describe-task-definition` prints one: with the members that registering does not take. */
function exported(family: string, definition: Partial<TaskDefinition>): object {
  return {
    taskDefinition: {
      taskDefinitionArn: `arn:aws:ecs:us-east-1:${SAMPLE_ACCOUNT}:task-definition/${family}:3`,
      family,
      executionRoleArn: EXECUTION_ROLE,
      networkMode: 'awsvpc',
      revision: 3,
      volumes: [],
      status: 'ACTIVE',
      requiresAttributes: [
        { name: 'com.amazonaws.ecs.capability.logging-driver.awslogs' },
        { name: 'ecs.capability.task-eni' },
      ],
      placementConstraints: [],
      compatibilities: ['EC2', 'FARGATE'],
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      registeredAt: '2024-05-17T09:12:44.123000+02:00',
      registeredBy: `arn:aws:sts::${SAMPLE_ACCOUNT}:assumed-role/Admin/someone`,
      ...definition,
    },
    tags: [],
  };
}

/** The developer guide's web server: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/example_task_definitions.html */
const webServer = exported('fargate-task-definition', {
  runtimePlatform: {
    cpuArchitecture: process.arch === 'arm64' ? 'ARM64' : 'X86_64',
    operatingSystemFamily: 'LINUX',
  },
  containerDefinitions: [
    {
      ...EMPTY,
      name: 'sample-fargate-app',
      image: 'public.ecr.aws/docker/library/httpd:2.4',
      cpu: 0,
      essential: true,
      portMappings: [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }],
      entryPoint: ['sh', '-c'],
      command: [
        '/bin/sh -c "echo \'<html><head><title>Amazon ECS Sample App</title></head></html>\' > /usr/local/apache2/htdocs/index.html && httpd-foreground"',
      ],
      logConfiguration: logs('/ecs/fargate-task-definition'),
    },
  ],
});

/** The guide's container dependency: an application that waits for its proxy to be healthy. */
const dependency = exported('dependency', {
  cpu: '512',
  memory: '1024',
  containerDefinitions: [
    {
      ...EMPTY,
      name: 'app',
      image: 'application_image',
      cpu: 0,
      essential: true,
      portMappings: [{ containerPort: 9080, hostPort: 9080, protocol: 'tcp' }],
      entryPoint: ['sh', '-c'],
      command: ['echo app; while true; do sleep 1; done'],
      dependsOn: [{ containerName: 'envoy', condition: 'HEALTHY' }],
      logConfiguration: logs('/ecs/dependency', { 'awslogs-create-group': 'true' }),
    },
    {
      ...EMPTY,
      name: 'envoy',
      image: `840364872350.dkr.ecr.us-east-1.amazonaws.com/aws-appmesh-envoy:v1.15.1.0-prod`,
      cpu: 0,
      memory: 500,
      essential: true,
      user: '1337',
      portMappings: [],
      environment: [{ name: 'APPMESH_VIRTUAL_NODE_NAME', value: 'mesh/meshName/virtualNode/virtualNodeName' }],
      entryPoint: ['sh', '-c'],
      command: ['echo envoy $APPMESH_VIRTUAL_NODE_NAME as $(id -u); while true; do sleep 1; done'],
      healthCheck: { command: ['CMD-SHELL', 'echo hello'], interval: 5, timeout: 2, retries: 3 },
      logConfiguration: logs('/ecs/dependency', { 'awslogs-create-group': 'true' }),
    },
    {
      ...EMPTY,
      name: 'xray-daemon',
      image: 'amazon/aws-xray-daemon',
      cpu: 32,
      memoryReservation: 256,
      essential: true,
      portMappings: [{ containerPort: 2000, hostPort: 2000, protocol: 'udp' }],
      entryPoint: ['sh', '-c'],
      command: ['while true; do sleep 1; done'],
    },
  ],
});

/** aws-samples/ecs-demo-php-simple-app: one container writes what the other serves. */
const phpSimpleApp = exported('console-sample-app', {
  memory: '1024',
  volumes: [{ name: 'my-vol', host: {} }],
  containerDefinitions: [
    {
      ...EMPTY,
      name: 'simple-app',
      image: 'amazon/amazon-ecs-sample',
      cpu: 10,
      memory: 500,
      essential: true,
      portMappings: [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }],
      mountPoints: [{ sourceVolume: 'my-vol', containerPath: '/var/www/my-vol', readOnly: false }],
      entryPoint: ['/usr/sbin/apache2', '-D', 'FOREGROUND'],
    },
    {
      ...EMPTY,
      name: 'busybox',
      image: 'busybox',
      cpu: 10,
      memory: 500,
      essential: false,
      portMappings: [],
      volumesFrom: [{ sourceContainer: 'simple-app' }],
      entryPoint: ['sh', '-c'],
      command: ['/bin/sh -c "while true; do /bin/date > /var/www/my-vol/date; sleep 1; done"'],
    },
  ],
});

/** What the console makes of an application with settings: a name for its port, secrets, a check as one string. */
const withSecrets = exported('with-secrets', {
  taskRoleArn: EXECUTION_ROLE,
  ephemeralStorage: { sizeInGiB: 21 },
  containerDefinitions: [
    {
      ...EMPTY,
      name: 'nginx',
      image: `${SAMPLE_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/site:latest`,
      cpu: 0,
      essential: true,
      portMappings: [{ name: 'http', containerPort: 80, hostPort: 80, protocol: 'tcp', appProtocol: 'http' }],
      environment: [{ name: 'STAGE', value: 'prod' }],
      environmentFiles: [],
      secrets: [
        { name: 'USERNAME', valueFrom: `arn:aws:secretsmanager:us-east-1:${SAMPLE_ACCOUNT}:secret:app/db:username::` },
        { name: 'TOKEN', valueFrom: `arn:aws:ssm:us-east-1:${SAMPLE_ACCOUNT}:parameter/app/token` },
      ],
      entryPoint: ['sh', '-c'],
      command: [
        'echo "$STAGE $USERNAME $TOKEN"; echo ok > /usr/local/apache2/htdocs/index.html; exec httpd-foreground',
      ],
      ulimits: [{ name: 'nofile', softLimit: 1024, hardLimit: 4096 }],
      linuxParameters: { initProcessEnabled: true },
      healthCheck: {
        command: ['CMD-SHELL, test "$(curl -s -o /dev/null -w %{http_code} http://localhost/)" || exit 1'],
        interval: 5,
        timeout: 2,
        retries: 3,
        startPeriod: 1,
      },
      stopTimeout: 2,
      logConfiguration: logs('/ecs/with-secrets', { 'awslogs-create-group': 'true', mode: 'non-blocking' }),
    },
  ],
});

export const SAMPLE_TASKS = { webServer, dependency, phpSimpleApp, withSecrets };
