import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerState, type InspectedContainer, wasKilled } from './container-state.ts';

function inspected(exitCode: number, cgroupParent: string): InspectedContainer {
  return {
    Id: 'c1',
    Name: '/web',
    Created: '2026-01-02T03:04:05Z',
    Image: 'sha256:1',
    Config: { Image: 'web' },
    HostConfig: { CgroupParent: cgroupParent },
    State: {
      Status: 'exited',
      Pid: 0,
      ExitCode: exitCode,
      OOMKilled: true,
      Error: '',
      StartedAt: '2026-01-02T03:04:06Z',
      FinishedAt: '2026-01-02T03:04:07Z',
    },
  };
}

test("the engine's word on memory is taken where it can only mean this container", () => {
  assert.equal(containerState(inspected(1, '')).oomKilled, true);
  assert.equal(containerState(inspected(137, '/group')).oomKilled, true);
  assert.equal(containerState(inspected(0, '/group')).oomKilled, undefined);
  assert.equal(containerState(inspected(143, '/group')).oomKilled, undefined);
  assert.equal(containerState(inspected(137, '/group'), { wasStopped: true }).oomKilled, undefined);
});

test("the kernel's word is taken where the engine says nothing", () => {
  const killed = inspected(137, '/group');
  const unexplained = { ...killed, State: { ...killed.State, OOMKilled: false } };
  assert.equal(containerState(unexplained).oomKilled, undefined);
  assert.equal(containerState(unexplained, { oomKilled: true }).oomKilled, true);
  assert.equal(containerState(unexplained, { oomKilled: true, wasStopped: true }).oomKilled, undefined);
  assert.deepEqual([wasKilled(killed), wasKilled(inspected(1, '/group'))], [true, false]);
  assert.equal(wasKilled({ ...killed, State: { ...killed.State, Status: 'running' } }), false);
});

test('what a container that runs has bound', () => {
  const State = { ...inspected(0, '').State, Status: 'running', Pid: 7 };
  const Ports = {
    '443/tcp': null,
    '8080/tcp': [{ HostIp: '0.0.0.0', HostPort: '32769' }],
    '53/udp': [{ HostIp: '0.0.0.0', HostPort: '53' }],
  };
  const running = { ...inspected(0, ''), State, NetworkSettings: { Ports } };
  assert.deepEqual(containerState(running).ports, [
    { bindIp: '0.0.0.0', containerPort: 53, hostPort: 53, protocol: 'udp' },
    { bindIp: '0.0.0.0', containerPort: 8080, hostPort: 32_769, protocol: 'tcp' },
  ]);
  assert.equal(containerState({ ...running, NetworkSettings: { Ports: {} } }).ports, undefined);
  assert.equal(containerState({ ...running, State: inspected(0, '').State }).ports, undefined);
});
