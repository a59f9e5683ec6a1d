import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControlGroupStats } from '../cgroups/control-group-stats.ts';
import { StatsSampler } from './stats-sampler.ts';

const NONE = { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 };
const WEB = { id: 'abc', name: 'web', pid: 7 };
const stats = (total_usage: number): ControlGroupStats => ({
  cpu_stats: {
    cpu_usage: { total_usage, usage_in_kernelmode: 0, usage_in_usermode: total_usage },
    system_cpu_usage: total_usage * 10,
    online_cpus: 4,
    throttling_data: {},
  },
  memory_stats: { usage: 1 },
  pids_stats: { current: 1 },
  blkio_stats: {},
});

test('the sample before stands beside each one, until a restart begins the count anew', async () => {
  const answers = [stats(10), stats(30), stats(5)];
  const sampler = new StatsSampler(async () => answers.shift());
  const first = await sampler.sample(WEB, new Date(1000));
  assert.deepEqual([first?.['id'], first?.['name'], first?.['read']], ['abc', '/web', '1970-01-01T00:00:01.000Z']);
  assert.deepEqual(first?.['precpu_stats'], { cpu_usage: NONE, throttling_data: {} });
  const second = await sampler.sample(WEB, new Date(2000));
  assert.equal(second?.['preread'], '1970-01-01T00:00:01.000Z');
  assert.deepEqual(second?.['precpu_stats'], stats(10).cpu_stats);
  const restarted = await sampler.sample(WEB, new Date(3000));
  assert.equal(restarted?.['preread'], '0001-01-01T00:00:00Z');
});

test('what is gone has no sample', async () => {
  assert.equal(await new StatsSampler(async () => undefined).sample(WEB, new Date(0)), undefined);
});
