import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highResolution, monitoringOf, monitoringView } from './service-monitoring.ts';

const CPU = { metricNames: ['CPUUtilization'], resolutionSeconds: 20 };
const MEMORY = { metricNames: ['MemoryUtilization'], resolutionSeconds: 60 };

test('what is measured every 20 seconds', () => {
  const monitoring = monitoringOf({ metricConfigurations: [CPU, MEMORY] });
  assert.deepEqual(highResolution(monitoring), ['CPUUtilization']);
  assert.deepEqual(monitoringView(monitoring), { monitoring: { metricConfigurations: [CPU, MEMORY] } });
  assert.equal(monitoringOf(undefined), undefined);
  assert.equal(monitoringOf({ metricConfigurations: [] }), undefined, 'an empty list takes it back');
  assert.deepEqual(highResolution(undefined), []);
  assert.deepEqual(monitoringView(undefined), {});
});

test('what ECS does not measure is refused', () => {
  const refused = (...metricConfigurations: (typeof CPU)[]) =>
    assert.throws(() => monitoringOf({ metricConfigurations }), { code: 'InvalidParameterException' });
  refused({ ...CPU, resolutionSeconds: 10 });
  refused({ ...CPU, metricNames: ['DiskUtilization'] });
  refused({ ...CPU, metricNames: [] });
  refused(CPU, CPU);
});
