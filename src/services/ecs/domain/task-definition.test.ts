import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normaliseTaskDefinition } from './task-definition.ts';

const HOST = '127.0.0.1:4566';
const web = { name: 'web', image: 'httpd:2.4', portMappings: [{ containerPort: 80 }] };
const fargate = {
  family: 'site',
  requiresCompatibilities: ['FARGATE' as const],
  networkMode: 'awsvpc' as const,
  cpu: '256',
  memory: '512',
  containerDefinitions: [web],
};

test('defaults are filled in as ECS shows them', () => {
  const [container] = normaliseTaskDefinition(fargate, HOST).containerDefinitions ?? [];
  assert.equal(container?.essential, true);
  assert.equal(container?.cpu, 0);
  assert.deepEqual(container?.portMappings, [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }]);
  assert.deepEqual(container?.environment, []);
});

test('sizes may be written in vCPU and GB, and must be in the table', () => {
  const sized = normaliseTaskDefinition({ ...fargate, cpu: '.25 vCPU', memory: '0.5GB' }, HOST);
  assert.deepEqual([sized.cpu, sized.memory], ['256', '512']);
  assert.throws(() => normaliseTaskDefinition({ ...fargate, memory: '4096' }, HOST), {
    code: 'ClientException',
    message: /No Fargate configuration exists for given values: 256 CPU, 4096 memory/,
  });
});

test('what ECS refuses is refused in its words', () => {
  const refusals: readonly [object, RegExp][] = [
    [{ family: 'a b' }, /Family contains invalid characters/],
    [
      { runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } },
      /operatingSystemFamily WINDOWS_SERVER_2022_CORE/,
    ],
    [
      { runtimePlatform: { cpuArchitecture: process.arch === 'arm64' ? 'X86_64' : 'ARM64' } },
      /cpuArchitecture .* on this host/,
    ],
    [{ networkMode: 'bridge' }, /Fargate only supports network mode/],
    [{ cpu: undefined }, /Fargate requires that 'cpu' be defined at the task level/],
    [{ containerDefinitions: [] }, /Container list cannot be empty/],
    [{ containerDefinitions: [{ ...web, essential: false }] }, /must be essential/],
    [{ containerDefinitions: [web, web] }, /unique/],
    [{ containerDefinitions: [web, { ...web, name: 'b' }] }, /80\/tcp is mapped by more than one/],
    [{ containerDefinitions: [{ ...web, image: `${HOST}/site` }] }, /execution role ARN to support ECR images/],
    [
      {
        containerDefinitions: [
          { ...web, logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': 'g' } } },
        ],
      },
      /execution role ARN to support log driver awslogs/,
    ],
    [
      { containerDefinitions: [{ ...web, secrets: [{ name: 'A', valueFrom: 'b' }] }] },
      /does not support containerDefinitions\[web\].secrets/,
    ],
    [
      {
        containerDefinitions: [
          { ...web, dependsOn: [{ containerName: 'b', condition: 'START' }] },
          { name: 'b', image: 'x', dependsOn: [{ containerName: 'web', condition: 'START' }] },
        ],
      },
      /cycles.*web -> b -> web/,
    ],
  ];
  for (const [change, message] of refusals) {
    const input = Object.fromEntries(
      Object.entries({ ...fargate, ...change }).filter(([, value]) => value !== undefined),
    );
    assert.throws(
      () => normaliseTaskDefinition(input as typeof fargate, HOST),
      { code: 'ClientException', message },
      String(message),
    );
  }
});
