import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { Longshore } from './harness/longshore.ts';
import { must } from './harness/run.ts';
import { ShiftingSite } from './harness/shifting.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { deploySite } from './harness/site.ts';
import { until } from './harness/until.ts';
import { Visitors } from './harness/visitors.ts';

const VERSIONS = ['v1', 'v2'] as const;
const imageOf = (version: string) => `longshore-test-shifts-${process.pid}:${version}`;

let server: Longshore;
let shifting: ShiftingSite;
let visitors: Visitors;
const definitions = new Map<string, string>();

before(async () => {
  server = await Longshore.start();
  for (const version of VERSIONS) await buildSiteImage(imageOf(version), version);
  const site = await deploySite(server, { name: 'shifts', image: imageOf('v1') });
  shifting = await ShiftingSite.prepare(site);
  definitions.set('v1', site.parts.taskDefinitionArn);
  definitions.set('v2', await site.register(await site.push(imageOf('v2'), 'v2')));
  await site.steady();
  visitors = new Visitors(await site.request('/cgi-bin/version'), 8);
});

after(async () => {
  await visitors?.stop();
  await server?.remove();
  for (const version of VERSIONS) await must('docker', ['image', 'rm', imageOf(version)]);
});

const STRATEGIES: readonly DeploymentConfiguration[] = [
  { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 },
  { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 0 } },
  { strategy: 'LINEAR', linearConfiguration: { stepPercent: 20, stepBakeTimeInMinutes: 0 } },
];

for (const configuration of STRATEGIES) {
  test(`five ${configuration.strategy} deployments in a row, and not one failed request`, async () => {
    for (let n = 0; n < 5; n++) {
      const version = (await shifting.version()) === 'v1' ? 'v2' : 'v1';
      await shifting.deploy(definitions.get(version) ?? '', configuration);
      await shifting.ended('SUCCESSFUL');
      await until(`everybody sees ${version}`, async () => (await shifting.version()) === version);
      assert.deepEqual(visitors.failures, [], `of ${visitors.total} requests`);
    }
  });
}
