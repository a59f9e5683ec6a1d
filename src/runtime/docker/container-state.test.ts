import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerState, type InspectedContainer } from './container-state.ts';

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
  assert.equal(containerState(inspected(137, '/group'), true).oomKilled, undefined);
});
