import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Call } from '../api/context.ts';
import { FakeInstances } from '../instances/fake/fake-instances.ts';
import type { InstanceSpec } from '../instances/instance-driver.ts';
import { FakeClock } from '../kernel/clock.ts';
import { ServiceError } from '../kernel/errors.ts';
import { silentLog } from '../kernel/log.ts';
import type { MetadataRecord } from '../services/ec2/index.ts';
import type { RegisteredInstance } from '../services/ecs/index.ts';
import { AgentConsole, withAgentLines } from './agent-console.ts';
import { InstanceAgents } from './instance-agents.ts';

const SCOPE = { account: '123456789012', region: 'us-east-1' };
const ROLE = 'arn:aws:iam::123456789012:role/ecsInstanceRole';
const SPEC: InstanceSpec = {
  instanceId: 'i-1',
  image: 'ecs-optimized',
  cpus: 2,
  memoryBytes: 1024 ** 3,
  hostname: 'ip-172-31-0-11.ec2.internal',
  dnsServers: [],
  dnsSearch: [],
  userData: Buffer.from(
    '#!/bin/bash\necho ECS_CLUSTER=blue >> /etc/ecs/ecs.config\n' +
      'echo \'ECS_INSTANCE_ATTRIBUTES={"stack":"prod"}\' >> /etc/ecs/ecs.config\n',
  ),
  publicKeys: [],
  registry: '127.0.0.1:4566',
};

let clock: FakeClock;
let host: FakeInstances;
let rows: RegisteredInstance[];
let calls: { readonly name: string; readonly input: any; readonly role: string | undefined }[];
let refusal: Error | undefined;
let state: string;
let spot: MetadataRecord['row']['spot'];
let isProfiled: boolean;
let lines: AgentConsole;
let agents: InstanceAgents;

beforeEach(() => {
  clock = new FakeClock();
  host = new FakeInstances({ clock });
  [rows, calls, refusal, state, isProfiled, spot] = [[], [], undefined, 'running', true, undefined];
  lines = new AgentConsole();
  agents = newAgents();
});

/** As a server that has just started. */
function newAgents(): InstanceAgents {
  return new InstanceAgents({
    driver: host,
    console: lines,
    clock,
    log: silentLog,
    find: async (instanceId) => (state === 'forgotten' ? undefined : record(instanceId)),
    callIn: (_scope, as) => answer(as?.role?.arn),
    reports: {
      list: async () => rows,
      connection: async (arn, agentConnected) => change(arn, { agentConnected }),
      terminated: async (arn) =>
        change(arn, { status: 'INACTIVE', agentConnected: false, deregisteredAtMs: clock.now() }),
      forget: async (arn) => void (rows = rows.filter((row) => row.arn !== arn)),
    },
  });
}

function change(arn: string, to: Partial<RegisteredInstance>): void {
  rows = rows.map((row) => (row.arn === arn ? { ...row, ...to } : row));
}

function record(id: string): MetadataRecord {
  const profile = { profileArn: 'arn:aws:iam::123456789012:instance-profile/web', profileId: 'p', associatedAt: 0 };
  const row = {
    ...SCOPE,
    id,
    state,
    vcpus: 2,
    memoryMiB: 1024,
    instanceType: 't3.micro',
    launchedAt: 0,
    zoneName: 'a',
    ...(spot && { spot }),
  };
  const own = { ...SCOPE, id: 'eni-1', privateIp: '172.31.0.11', groups: [], macAddress: 'm' };
  const full = { row: { ...row, ...(isProfiled && { profile }), tags: {}, metadata: {}, blockDevices: [] } };
  return { ...full, networkInterface: own, vpc: { cidrBlocks: [] }, subnet: {} } as unknown as MetadataRecord;
}

function answer(role: string | undefined): Call {
  const called = async (service: string, operation: string, input: any) => {
    calls.push({ name: `${service}:${operation}`, input, role });
    if (operation === 'GetInstanceProfile') {
      return { InstanceProfile: { Roles: [{ Arn: ROLE, RoleName: 'ecsInstanceRole' }] } };
    }
    if (refusal) throw refusal;
    if (operation === 'UpdateContainerInstancesState') {
      change(input.containerInstances[0], { status: input.status });
      return {};
    }
    if (operation !== 'RegisterContainerInstance') return {};
    const arn =
      input.containerInstanceArn ?? `arn:aws:ecs:us-east-1:123456789012:container-instance/blue/${rows.length}`;
    const row: RegisteredInstance = {
      ...SCOPE,
      arn,
      clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/blue',
      ec2InstanceId: 'i-1',
      status: 'ACTIVE',
      agentConnected: true,
    };
    rows = [...rows.filter((one) => one.arn !== arn), row];
    return { containerInstance: { containerInstanceArn: arn } };
  };
  return called as unknown as Call;
}

const registrations = () => calls.filter(({ name }) => name === 'ecs:RegisterContainerInstance');

test('an instance registers once its user data has run, in the name of its role', async () => {
  host.holdUserData = true;
  await host.start(SPEC);
  assert.equal(await agents.look(), true);
  assert.equal(registrations().length, 0);
  host.completeUserData('i-1');
  assert.equal(await agents.look(), false);
  await agents.look();
  const [first, ...others] = registrations();
  assert.equal(others.length, 0);
  assert.equal(first?.role, ROLE);
  assert.equal(first?.input.cluster, 'blue');
  assert.deepEqual(
    first?.input.totalResources.map((one: any) => one.integerValue ?? one.stringSetValue),
    [2048, 1024, ['22', '2375', '2376', '51678', '51679'], []],
  );
  assert.ok(first?.input.attributes.some((one: any) => one.name === 'stack' && one.value === 'prod'));
});

test('without a role, or without permission, its console says why; it tries again later and later', async () => {
  isProfiled = false;
  await host.start(SPEC);
  await agents.look();
  const text = await withAgentLines(host, lines).consoleOutput('i-1');
  assert.match(text, /Unable to register as a container instance with ECS: NoCredentialProviders/);
  isProfiled = true;
  refusal = new ServiceError('AccessDeniedException', 'not authorized to perform: ecs:RegisterContainerInstance');
  clock.advance(1000);
  await agents.look();
  await agents.look();
  assert.equal(registrations().length, 1);
  for (let tries = 2; tries < 7; tries++) {
    clock.advance(60_000);
    await agents.look();
  }
  assert.equal(await agents.look(), false, 'the next try is far away');
  clock.advance(55_000);
  assert.equal(await agents.look(), true);
  assert.match(lines.linesOf('i-1').at(-1) ?? '', /AccessDeniedException: not authorized/);
  refusal = undefined;
  clock.advance(5000);
  assert.equal(await agents.look(), false);
  assert.equal(rows[0]?.agentConnected, true);
});

test('a stop loses the connection, a start brings it back under the same ARN', async () => {
  await host.start(SPEC);
  await agents.look();
  const arn = rows[0]?.arn;
  await host.stop('i-1', 0);
  state = 'stopped';
  await agents.look();
  assert.deepEqual([rows[0]?.agentConnected, rows[0]?.status], [false, 'ACTIVE']);
  await host.start(SPEC);
  state = 'running';
  await agents.look();
  assert.deepEqual(
    rows.map((row) => [row.arn, row.agentConnected]),
    [[arn, true]],
  );
});

test('a restarted server registers what runs again, as the same container instance', async () => {
  await host.start(SPEC);
  await agents.look();
  agents = newAgents();
  await agents.look();
  assert.equal(rows.length, 1);
  assert.equal(registrations().at(-1)?.input.containerInstanceArn, rows[0]?.arn);
});

test('an instance that was terminated leaves its cluster, and is shown for an hour', async () => {
  await host.start(SPEC);
  await agents.look();
  await host.terminate('i-1');
  state = 'terminated';
  await agents.look();
  assert.equal(rows[0]?.status, 'INACTIVE');
  clock.advance(3_600_001);
  state = 'forgotten';
  await agents.look();
  assert.deepEqual(rows, []);
});

test('an instance that was deregistered is not registered again by a server that restarts', async () => {
  await host.start(SPEC);
  await agents.look();
  const arn = rows[0]?.arn ?? '';
  change(arn, { status: 'INACTIVE', deregisteredAtMs: clock.now() });
  refusal = new ServiceError('ClientException', `The container instance ${arn} is INACTIVE.`);
  agents = newAgents();
  await agents.look();
  assert.equal(rows[0]?.status, 'INACTIVE');
  assert.match(lines.linesOf('i-1').at(-1) ?? '', /is INACTIVE/);
});

test('an agent whose cluster was changed joins the new one once it has left the one before', async () => {
  await host.start(SPEC);
  const arn = 'arn:aws:ecs:us-east-1:123456789012:container-instance/green/1';
  const clusterArn = 'arn:aws:ecs:us-east-1:123456789012:cluster/green';
  rows = [{ ...SCOPE, arn, clusterArn, ec2InstanceId: 'i-1', status: 'ACTIVE', agentConnected: true }];
  await agents.look();
  assert.equal(registrations().length, 0);
  assert.match(lines.linesOf('i-1').at(-1) ?? '', /saved cluster 'green' does not match configured cluster 'blue'/);
  assert.deepEqual([rows[0]?.agentConnected, rows[0]?.status], [false, 'ACTIVE']);
  change(arn, { status: 'INACTIVE', deregisteredAtMs: clock.now() });
  clock.advance(1000);
  assert.equal(await agents.look(), false);
  const [first, ...others] = registrations();
  assert.deepEqual([others.length, first?.input.cluster, first?.input.containerInstanceArn], [0, 'blue', undefined]);
});

test('a cluster may be configured by its ARN', async () => {
  const cluster = 'arn:aws:ecs:us-east-1:123456789012:cluster/blue';
  await host.start({
    ...SPEC,
    userData: Buffer.from(`#!/bin/bash\necho ECS_CLUSTER=${cluster} >> /etc/ecs/ecs.config\n`),
  });
  await agents.look();
  agents = newAgents();
  await agents.look();
  assert.deepEqual(
    registrations().map(({ input }) => [input.cluster, input.containerInstanceArn]),
    [
      [cluster, undefined],
      [cluster, rows[0]?.arn],
    ],
  );
});

const DRAINING = '#!/bin/bash\necho ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> /etc/ecs/ecs.config\n';
const REQUEST = { requestId: 'sir-1', type: 'one-time' } as const;
const drains = () => calls.filter(({ name }) => name === 'ecs:UpdateContainerInstancesState');

test('at the notice of a Spot interruption an agent that is told to drains, once, in the name of its role', async () => {
  await host.start({ ...SPEC, userData: Buffer.from(DRAINING) });
  spot = REQUEST;
  await agents.look();
  await agents.look();
  assert.deepEqual([registrations().length, drains().length], [1, 0]);
  spot = { ...REQUEST, interruption: { noticedAt: 0, at: 120_000 } };
  refusal = new Error('away');
  await agents.look();
  assert.match(lines.linesOf('i-1').at(-1) ?? '', /Error setting instance .* state to DRAINING: away/);
  refusal = undefined;
  await agents.look();
  assert.equal(rows[0]?.status, 'DRAINING');
  assert.deepEqual(
    drains().map(({ role, input }) => [role, input.containerInstances]),
    [1, 2].map(() => [ROLE, [rows[0]?.arn]]),
  );
  assert.ok(lines.linesOf('i-1').some((line) => line.includes('scheduled for 1970-01-01T00:02:00.000Z')));
  // Somebody sets it ACTIVE again: the agent has said what it had to say.
  change(rows[0]?.arn ?? '', { status: 'ACTIVE' });
  await agents.look();
  assert.equal(drains().length, 2);
});

test('an agent that is not told to drain leaves its tasks where they are', async () => {
  await host.start(SPEC);
  await agents.look();
  spot = { ...REQUEST, interruption: { noticedAt: 0, at: 120_000 } };
  await agents.look();
  assert.deepEqual(drains(), []);
});
