import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteRuleCommand,
  DescribeListenersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyRuleCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { cliOf } from './harness/cli.ts';
import { Longshore } from './harness/longshore.ts';
import { must } from './harness/run.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { deploySite } from './harness/site.ts';
import type { Site } from './harness/site.ts';
import { until } from './harness/until.ts';
import { Visitors } from './harness/visitors.ts';

const IMAGE = `longshore-test-changes-${process.pid}:v1`;
const CHANGES = 50;

let server: Longshore;
let site: Site;
let listenerArn: string;

before(async () => {
  server = await Longshore.start();
  await buildSiteImage(IMAGE, 'v1');
  site = await deploySite(server, { name: 'changes', image: IMAGE });
  await site.steady();
  const { Listeners = [] } = await site.clients.elbv2.send(
    new DescribeListenersCommand({ LoadBalancerArn: site.parts.balancer.LoadBalancerArn }),
  );
  listenerArn = Listeners.find((listener) => listener.Port === 443)?.ListenerArn ?? '';
});

after(async () => {
  await server?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

/** Does something while visitors ask over HTTPS all the time: not one of them may fail. */
async function visited(path: string, work: () => Promise<unknown>): Promise<void> {
  const visitors = new Visitors(await site.request(path));
  await visitors.during(work);
  const logs = visitors.failures.length === 0 ? '' : await haproxyLogs();
  assert.deepEqual(visitors.failures, [], `of ${visitors.total} requests\n${logs}`);
}

/** What each HAProxy has said. */
async function haproxyLogs(): Promise<string> {
  const folders = await readdir(join(server.home, 'haproxy'));
  const logs = await Promise.all(
    folders.map(async (name) => `${name}:\n${await server.file(`haproxy/${name}/haproxy.log`).catch(String)}`),
  );
  return logs.join('\n');
}

test(`${CHANGES} changes of rules, and every request meanwhile is answered`, async () => {
  const { elbv2 } = site.clients;
  await visited('/cgi-bin/version', async () => {
    for (let n = 0; n < CHANGES / 2; n++) {
      const { Rules = [] } = await elbv2.send(
        new CreateRuleCommand({
          ListenerArn: listenerArn,
          Priority: n + 1,
          Conditions: [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: [`^/rule-${n}$`] } }],
          Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '418' } }],
        }),
      );
      await until('the rule is served', async () => (await site.get(`/rule-${n}`)).status === 418);
      await elbv2.send(new DeleteRuleCommand({ RuleArn: Rules[0]?.RuleArn }));
      await until('the rule is gone', async () => (await site.get(`/rule-${n}`)).status === 404);
    }
  });
});

test('requests move between target groups by weight, are rewritten, and none fails', async () => {
  const { elbv2 } = site.clients;
  const blue = site.parts.targetGroupArn;
  const { TargetGroups: [known] = [] } = await elbv2.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [blue] }));
  const { TargetGroups: [made] = [] } = await elbv2.send(
    new CreateTargetGroupCommand({
      Name: 'green',
      Protocol: 'HTTP',
      Port: known?.Port,
      VpcId: known?.VpcId,
      TargetType: 'ip',
      HealthCheckPath: known?.HealthCheckPath,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
    }),
  );
  const green = made?.TargetGroupArn;
  const forward = (blueWeight: number, greenWeight: number) => [
    {
      Type: 'forward' as const,
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: blue, Weight: blueWeight },
          { TargetGroupArn: green, Weight: greenWeight },
        ],
      },
    },
  ];
  const { Rules: [rule] = [] } = await elbv2.send(
    new CreateRuleCommand({
      ListenerArn: listenerArn,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['/weighted/*'] }],
      Actions: forward(1, 0),
      Transforms: [
        { Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex: '^/weighted/', Replace: '/cgi-bin/' }] } },
      ],
    }),
  );
  await until('the rule is served', async () => (await site.get('/weighted/version')).body.trim() === 'v1');
  await visited('/weighted/version', async () => {
    const { TargetHealthDescriptions: registered = [] } = await elbv2.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: blue }),
    );
    const Targets = registered.map(({ Target }) => ({ Id: Target?.Id, Port: Target?.Port }));
    await elbv2.send(new RegisterTargetsCommand({ TargetGroupArn: green, Targets }));
    await until('the other group is healthy', async () => {
      const seen = await elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn: green }));
      return seen.TargetHealthDescriptions?.every((target) => target.TargetHealth?.State === 'healthy');
    });
    for (let percent = 0; percent <= 100; percent += 10) {
      await elbv2.send(new ModifyRuleCommand({ RuleArn: rule?.RuleArn, Actions: forward(100 - percent, percent) }));
      await site.get('/weighted/version');
    }
  });
});

test('CloudWatch has what the load balancer did, minute by minute', async () => {
  const aws = cliOf(server);
  const LoadBalancer = site.parts.balancer.LoadBalancerArn?.split(':loadbalancer/')[1];
  const TargetGroup = site.parts.targetGroupArn.slice(site.parts.targetGroupArn.indexOf('targetgroup/'));
  const range = () => {
    const now = Date.now();
    return `--start-time ${new Date(now - 1_200_000).toISOString()} --end-time ${new Date(now + 60_000).toISOString()}`;
  };
  const sumOf = async (name: string, dimensions: string) => {
    const line = `cloudwatch get-metric-statistics --namespace AWS/ApplicationELB --metric-name ${name}`;
    const { Datapoints } = await aws(`${line} --dimensions ${dimensions} ${range()} --period 60 --statistics Sum`);
    return Datapoints.reduce((sum: number, point: { Sum: number }) => sum + point.Sum, 0);
  };
  // Each minute's values come when it is over: what happened in the last one, up to a minute after the others.
  const measured = (name: string, dimensions: string, least: number) =>
    until(`${name} is measured`, async () => (await sumOf(name, dimensions)) >= least, 130_000);
  await measured('RequestCountPerTarget', `Name=TargetGroup,Value=${TargetGroup}`, 100);
  const balancer = `Name=LoadBalancer,Value=${LoadBalancer}`;
  await measured('RequestCount', balancer, 100);
  await measured('HTTPCode_Target_2XX_Count', balancer, 100);
  await measured('HTTPCode_ELB_4XX_Count', balancer, CHANGES / 2);
});
