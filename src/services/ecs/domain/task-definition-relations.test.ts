import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { ContainerDefinition, PortMapping } from '@aws-sdk/client-ecs';
import { findCycle } from './task-definition-dependencies.ts';
import { normaliseTaskDefinition } from './task-definition.ts';
import type { Definition } from './task-definition-rules.ts';
import { FARGATE, ON_BRIDGE, REGISTRY_HOST, WEB, refused } from './testing-task-definition.ts';

const two = (first: ContainerDefinition, second: ContainerDefinition): Partial<Definition> => ({
  containerDefinitions: [
    { name: 'web', image: 'x', memory: 64, ...first },
    { name: 'b', image: 'x', memory: 64, ...second },
  ],
});
const ports = (...portMappings: PortMapping[]): Partial<Definition> => ({
  containerDefinitions: [{ ...WEB, memory: 64, portMappings }],
});

test('dependencies must be there, be able to come true, and have no cycle', () => {
  const needs = (condition: 'START' | 'SUCCESS' | 'COMPLETE' | 'HEALTHY', containerName = 'b') => ({
    dependsOn: [{ containerName, condition }],
  });
  refused(two(needs('START', 'c'), {}), /^Cannot depend on container \+ 'c' because it does not exist$/);
  for (const condition of ['SUCCESS', 'COMPLETE'] as const) {
    refused(
      two(needs(condition), {}),
      /^A dependency container with SUCCESS or COMPLETE condition cannot be an essential container$/,
    );
    normaliseTaskDefinition({ ...FARGATE, ...two(needs(condition), { essential: false }) }, REGISTRY_HOST);
  }
  refused(two(needs('HEALTHY'), {}), /it has no health check/);
  refused(two(needs('START'), needs('START', 'web')), /cycles.*web -> b -> web/);
  refused(two(needs('START', 'web'), {}), /cycles.*web -> web/);
});

test('links are of other containers, without a cycle', () => {
  normaliseTaskDefinition({ ...ON_BRIDGE, ...two({ links: ['b:database'] }, {}) }, REGISTRY_HOST);
  refused(two({ links: ['c'] }, {}), /links to 'c'/, ON_BRIDGE);
  refused(two({ links: ['b'] }, { links: ['web:w'] }), /^Container links should not have a cycle$/, ON_BRIDGE);
});

test('a graph without a cycle has none, and one that is closed has one', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 2, maxLength: 10 });
  fc.assert(
    fc.property(names, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 30 }), (nodes, edges) => {
      const graph = new Map<string, string[]>(nodes.map((node) => [node, []]));
      // Each edge goes to a later node, so that there is an order.
      for (const [a, b] of edges) {
        const [low, high] = [a % nodes.length, b % nodes.length].toSorted((x, y) => x - y) as [number, number];
        if (low !== high) graph.get(nodes[low] ?? '')?.push(nodes[high] ?? '');
      }
      assert.equal(findCycle(graph), undefined);
      const from = [...graph].find(([, needs]) => needs.length > 0);
      if (!from) return;
      graph.get(from[1][0] ?? '')?.push(from[0]);
      const cycle = findCycle(graph);
      assert.ok(cycle && cycle.length > 1 && cycle[0] === cycle.at(-1));
      for (const [i, name] of cycle.slice(0, -1).entries()) assert.ok(graph.get(name)?.includes(cycle[i + 1] ?? ''));
    }),
  );
});

test('ports: numbers, names, protocols, and none twice', () => {
  const refusals: readonly [Partial<Definition>, RegExp][] = [
    [ports({ hostPort: 80 }), /^Invalid 'containerPort' setting for container 'web'\.$/],
    [ports({ containerPort: 65_536 }), /^Invalid 'containerPort'/],
    [
      ports({ containerPort: 80, hostPort: 81 }),
      /^When networkMode=awsvpc, the host ports and container ports in port/,
    ],
    [ports({ containerPort: 80 }, { containerPort: 80 }), /^TCP host port '80' is mapped multiple times in task\.$/],
    [
      two(
        { portMappings: [{ containerPort: 53, protocol: 'udp' }] },
        { portMappings: [{ containerPort: 53, protocol: 'udp' }] },
      ),
      /^UDP host port '53' is mapped multiple times in task\.$/,
    ],
    [ports({ containerPort: 80, protocol: 'sctp' as 'tcp' }), /^Invalid setting for container 'web'\. .*sctp/],
    [ports({ containerPortRange: '80-81', protocol: 'sctp' as 'tcp' }), /sctp/],
    [ports({ containerPort: 80, name: '-x' }), /port mapping name '-x'/],
    [ports({ containerPort: 80, name: 'a' }, { containerPort: 81, name: 'a' }), /port mapping name 'a' must be unique/],
    [ports({ containerPort: 80, appProtocol: 'smtp' as 'http' }), /'appProtocol' smtp/],
    [ports({ containerPortRange: '90-80' }), /^Invalid 'containerPortRange' setting/],
    [ports({ containerPortRange: '80' }), /^Invalid 'containerPortRange' setting/],
    [ports({ containerPortRange: '80-90', containerPort: 80 }), /cannot be used with 'containerPort'/],
    [ports({ containerPortRange: '80-90' }, { containerPort: 85 }), /cannot overlap/],
    [ports({ containerPortRange: '80-90' }, { containerPortRange: '90-95' }), /cannot overlap/],
  ];
  for (const [change, message] of refusals) refused(change, message);
  const dns = ports({ containerPort: 53 }, { containerPort: 53, protocol: 'udp' }, { containerPortRange: '60-70' });
  const [container] = normaliseTaskDefinition({ ...FARGATE, ...dns }, REGISTRY_HOST).containerDefinitions ?? [];
  assert.deepEqual(container?.portMappings, [
    { containerPort: 53, hostPort: 53, protocol: 'tcp' },
    { containerPort: 53, hostPort: 53, protocol: 'udp' },
    { containerPortRange: '60-70', protocol: 'tcp' },
  ]);
});

test('on a bridge ports may differ, and a host port that is not given is chosen later', () => {
  const mapped = ports({ containerPort: 80 }, { containerPort: 80, hostPort: 8080 });
  const [container] = normaliseTaskDefinition({ ...ON_BRIDGE, ...mapped }, REGISTRY_HOST).containerDefinitions ?? [];
  assert.deepEqual(
    container?.portMappings?.map((port) => port.hostPort),
    [0, 8080],
  );
  refused(ports({ containerPort: 80 }), /not supported when networkMode=none/, { ...ON_BRIDGE, networkMode: 'none' });
});

test('volumes and what is mounted of them', () => {
  const mount = (sourceVolume: string | undefined, containerPath = '/data'): Partial<Definition> => ({
    volumes: [{ name: 'v' }],
    containerDefinitions: [
      { ...WEB, mountPoints: [{ ...(sourceVolume === undefined ? {} : { sourceVolume }), containerPath }] },
    ],
  });
  normaliseTaskDefinition({ ...FARGATE, ...mount('v') }, REGISTRY_HOST);
  refused(mount('w'), /^Unknown volume 'w'\.$/);
  refused(mount(undefined), /^Unknown volume 'null'\.$/);
  refused(mount('v', 'data'), /must be absolute/);
  refused({ volumes: [{ name: 'v' }, { name: 'v' }] }, /volume name 'v' must be unique/);
  refused({ volumes: [{ name: 'a b' }] }, /Volume.name contains invalid characters/);
  refused({ volumes: [{ name: 'v', host: { sourcePath: '' } }] }, /^host\.sourcePath should not be blank\.$/);
  const mountPoints = ['/a', '/a/'].map((containerPath) => ({ sourceVolume: 'v', containerPath }));
  refused(
    { volumes: [{ name: 'v' }], containerDefinitions: [{ ...WEB, mountPoints }] },
    /'\/a' is used more than once/,
  );
  refused(two({ volumesFrom: [{ sourceContainer: 'c' }] }, {}), /Unknown container 'c' in volumesFrom/);
  refused(two({ volumesFrom: [{ sourceContainer: 'web' }] }, {}), /Unknown container 'web'/);
});
