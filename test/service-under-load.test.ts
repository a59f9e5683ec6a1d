import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeListenersCommand,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { Longshore } from './harness/longshore.ts';
import { must } from './harness/run.ts';
import { servedSerial } from './harness/served-certificate.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { createCertificate } from './harness/site-parts.ts';
import { deploySite } from './harness/site.ts';
import type { Site } from './harness/site.ts';
import { until } from './harness/until.ts';
import { Visitors } from './harness/visitors.ts';

/** How many times each: `ROUNDS=20` is what Longshore promises. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 4);
/** That come and go during each deployment. */
const RULES = 3;
const VERSIONS = ['v1', 'v2'] as const;
const imageOf = (version: string) => `longshore-test-under-load-${process.pid}:${version}`;

let server: Longshore;
let site: Site;
let listenerArn: string;
const definitions: string[] = [];

before(async () => {
  server = await Longshore.start();
  for (const version of VERSIONS) await buildSiteImage(imageOf(version), version);
  site = await deploySite(server, { name: 'loaded', image: imageOf('v1') });
  definitions.push(site.parts.taskDefinitionArn, await site.register(await site.push(imageOf('v2'), 'v2')));
  const { Listeners = [] } = await site.clients.elbv2.send(
    new DescribeListenersCommand({ LoadBalancerArn: site.parts.balancer.LoadBalancerArn }),
  );
  listenerArn = Listeners.find((listener) => listener.Port === 443)?.ListenerArn ?? '';
  await site.steady();
});

after(async () => {
  await server?.remove();
  for (const version of VERSIONS) await must('docker', ['image', 'rm', imageOf(version)]);
});

/** Does something while eight visitors ask over HTTPS all the time: any answer but 200, and any broken connection, fails. */
async function visited(t: TestContext, work: () => Promise<unknown>): Promise<void> {
  const visitors = new Visitors(await site.request('/cgi-bin/version'), 8);
  const beganAt = performance.now();
  await visitors.during(work, 40);
  const answers = JSON.stringify(Object.fromEntries(visitors.answers));
  const seconds = ((performance.now() - beganAt) / 1000).toFixed(1);
  t.diagnostic(`${visitors.total} requests in ${seconds} s, ${visitors.failures.length} failed; answers: ${answers}`);
  assert.deepEqual(visitors.failures, [], `of ${visitors.total} requests`);
}

/** A rule comes and goes: two changes, each a reload of the load balancer. */
async function changeRules(n: number): Promise<void> {
  const { elbv2 } = site.clients;
  const { Rules = [] } = await elbv2.send(
    new CreateRuleCommand({
      ListenerArn: listenerArn,
      Priority: n + 1,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: [`/rule-${n}`] } }],
      Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '418' } }],
    }),
  );
  await until('the rule is served', async () => (await site.get(`/rule-${n}`)).status === 418);
  await elbv2.send(new DeleteRuleCommand({ RuleArn: Rules[0]?.RuleArn }));
  await until('the rule is gone', async () => (await site.get(`/rule-${n}`)).status === 404);
}

test(`${ROUNDS} rolling deployments while rules come and go, and not one failed request`, async (t) => {
  await visited(t, async () => {
    for (let n = 1; n <= ROUNDS; n++) {
      await site.update({ taskDefinition: definitions[n % 2] ?? '' });
      for (let change = 0; change < RULES; change++) await changeRules(change);
      await site.steady();
      assert.equal((await site.get('/cgi-bin/version')).body.trim(), VERSIONS[n % 2]);
    }
  });
  t.diagnostic(`${ROUNDS * RULES * 2} changes of rules`);
});

test('a scale from 2 to 10 to 2, and not one failed request', async (t) => {
  await visited(t, async () => {
    for (const desiredCount of [10, 2]) {
      await site.update({ desiredCount });
      await site.steady();
      assert.equal((await site.tasks()).length, desiredCount);
    }
  });
});

test('the certificate of the listener is replaced, and not one request fails', async (t) => {
  const { elbv2 } = site.clients;
  const { hostname, hostedZoneId } = site.parts;
  await visited(t, async () => {
    for (let n = 0; n < ROUNDS; n++) {
      const before = await servedSerial(site);
      const CertificateArn = await createCertificate(site.clients, hostname, hostedZoneId);
      await elbv2.send(new ModifyListenerCommand({ ListenerArn: listenerArn, Certificates: [{ CertificateArn }] }));
      await until('new connections get the new certificate', async () => (await servedSerial(site)) !== before);
    }
  });
});
