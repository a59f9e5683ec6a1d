import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlacementConstraint, PlacementStrategy } from '@aws-sdk/client-ecs';
import { checkDefinitionConstraints, compileConstraints, normaliseConstraints } from './constraints.ts';
import { demandOf } from './demand.ts';
import { SERVICE_STRATEGY, TASK_STRATEGY, compileStrategies, normaliseStrategies } from './strategies.ts';

test('constraints are kept as they were given', () => {
  const given: PlacementConstraint[] = [
    { type: 'distinctInstance' },
    { type: 'memberOf', expression: 'attribute:stack == test' },
  ];
  assert.deepEqual(normaliseConstraints(given), given);
  assert.deepEqual(normaliseConstraints(), []);
  const { isDistinct, memberOf, expressions } = compileConstraints(given, undefined, [
    { type: 'memberOf', expression: 'runningTasksCount == 0' },
  ]);
  assert.deepEqual([isDistinct, memberOf.length], [true, 2]);
  assert.deepEqual(expressions, ['attribute:stack == test', 'runningTasksCount == 0']);
});

test('constraints are refused in words of ECS', () => {
  const refused = (given: PlacementConstraint[], message: string | RegExp) =>
    assert.throws(() => normaliseConstraints(given), {
      code: 'InvalidParameterException',
      message,
    });
  refused([{ type: 'distinctInstance', expression: '' }], 'distinctInstance expression should not be specified.');
  refused([{ type: 'memberOf' }], 'Placement constraint expression should not be null or empty.');
  refused([{ type: 'memberOf', expression: 'nonsense' }], /^Invalid expression 'nonsense'/);
  refused([{ type: 'sameInstance' as 'memberOf' }], 'Invalid placement constraint type: sameInstance.');
  refused(
    Array.from({ length: 11 }, () => ({ type: 'distinctInstance' })),
    'Maximum number of constraints is 10',
  );
});

test('a task definition has memberOf only', () => {
  checkDefinitionConstraints([{ type: 'memberOf', expression: 'attribute:a exists' }]);
  const type = 'distinctInstance' as 'memberOf';
  assert.throws(() => checkDefinitionConstraints([{ type }]), {
    code: 'ClientException',
    message: 'Invalid placement constraint type: distinctInstance.',
  });
  assert.throws(() => checkDefinitionConstraints([{ type: 'memberOf', expression: 'a' }]), /Invalid expression/);
});

test('strategies are shown as ECS shows them', () => {
  const shown = normaliseStrategies([
    { type: 'spread', field: 'attribute:ecs.availability-zone' },
    { type: 'spread', field: 'host' },
    { type: 'binpack', field: 'memory' },
    { type: 'binpack', field: 'CPU' },
    { type: 'random' },
  ]);
  assert.deepEqual(
    shown.map(({ field }) => field),
    ['attribute:ecs.availability-zone', 'instanceId', 'MEMORY', 'CPU', undefined],
  );
  assert.deepEqual(compileStrategies(shown), [
    { kind: 'spread', attribute: 'ecs.availability-zone' },
    { kind: 'spread' },
    { kind: 'binpack', resource: 'memory' },
    { kind: 'binpack', resource: 'cpu' },
    { kind: 'random' },
  ]);
  assert.deepEqual(compileStrategies(SERVICE_STRATEGY), [{ kind: 'spread', attribute: 'ecs.availability-zone' }]);
  assert.deepEqual(compileStrategies(TASK_STRATEGY), [{ kind: 'random' }]);
});

test('strategies that are none are refused', () => {
  const refused = (given: PlacementStrategy[], message: RegExp) =>
    assert.throws(() => normaliseStrategies(given), {
      code: 'InvalidParameterException',
      message,
    });
  refused(
    Array.from({ length: 6 }, () => ({ type: 'random' })),
    /^Maximum number of strategies is 5$/,
  );
  refused([{ type: 'random', field: 'cpu' }], /random takes no field/);
  refused([{ type: 'binpack', field: 'disk' }], /^Invalid field 'disk' for placement strategy binpack/);
  refused([{ type: 'spread' }], /^Invalid field ''/);
  refused([{ type: 'spread', field: 'zone' }], /attribute:NAME/);
  refused([{ type: 'pack' as 'binpack' }], /^Invalid placement strategy type: pack\.$/);
});

const PLACEMENT = { group: 'family:web', constraints: compileConstraints(), strategies: [] };

test('a task asks for its own size, or for that of its containers', () => {
  const container = { name: 'a', image: 'a', cpu: 100, memory: 300 };
  const { cpu, memory } = demandOf(
    { family: 'f', containerDefinitions: [container, { ...container, cpu: undefined, memoryReservation: 50 }] },
    [],
    PLACEMENT,
  );
  assert.deepEqual([cpu, memory], [100, 350]);
  const sized = demandOf({ family: 'f', cpu: '512', memory: '1024', containerDefinitions: [container] }, [], PLACEMENT);
  assert.deepEqual([sized.cpu, sized.memory], [512, 1024]);
});

test('a task asks for host ports that it names', () => {
  const portMappings = [
    { containerPort: 80, hostPort: 8080 },
    { containerPort: 81, hostPort: 0 },
    { containerPort: 53, protocol: 'udp' as const },
    { containerPortRange: '100-102' },
  ];
  const of = (networkMode?: 'host' | 'awsvpc' | 'bridge') => {
    const { ports, interfaces } = demandOf(
      {
        family: 'f',
        ...(networkMode && { networkMode }),
        runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
        containerDefinitions: [{ name: 'a', image: 'a', portMappings }],
      },
      [{ name: 'ecs.capability.task-eni' }],
      PLACEMENT,
    );
    return [ports.tcp, ports.udp, interfaces];
  };
  assert.deepEqual(of(), [[8080], [], 0]);
  assert.deepEqual(of('host'), [[8080, 81, 100, 101, 102], [53], 0]);
  assert.deepEqual(of('awsvpc'), [[], [], 1]);
});
