import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';

/*
 * Load balancers as Debian's aws CLI makes, changes and shows them: rules, weights, attributes, target groups.
 */

let server: Longshore;
let aws: Cli;
let vpc: string;
let balancer: string;
let listener: string;
const groups: Record<string, string> = {};

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
  const { Subnets } = await aws('ec2 describe-subnets');
  vpc = Subnets[0].VpcId;
  const subnets = Subnets.slice(0, 2).map((subnet: any) => subnet.SubnetId);
  const created = await aws(`elbv2 create-load-balancer --name web --scheme internal --subnets ${subnets.join(' ')}`);
  balancer = created.LoadBalancers[0].LoadBalancerArn;
  for (const name of ['blue', 'green']) {
    const line = `elbv2 create-target-group --name ${name} --protocol HTTP --port 80 --target-type ip --vpc-id ${vpc}`;
    groups[name] = (await aws(line)).TargetGroups[0].TargetGroupArn;
  }
  const listen = `elbv2 create-listener --load-balancer-arn ${balancer} --protocol HTTP --port 80 --default-actions`;
  const answer = await aws(`${listen} Type=fixed-response,FixedResponseConfig={StatusCode=404}`);
  listener = answer.Listeners[0].ListenerArn;
});
after(async () => server?.remove());

const forward = (blue: number, green: number, stickiness: object = { Enabled: false }) =>
  JSON.stringify([
    {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: groups['blue'], Weight: blue },
          { TargetGroupArn: groups['green'], Weight: green },
        ],
        TargetGroupStickinessConfig: stickiness,
      },
    },
  ]);

test('a rule with every kind of condition, its weights, its stickiness, its place', async () => {
  const conditions = JSON.stringify([
    { Field: 'host-header', HostHeaderConfig: { Values: ['*.example.com'] } },
    { Field: 'path-pattern', Values: ['/api/*'] },
    { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'User-Agent', Values: ['*Chrome*'] } },
    { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '1' }] } },
    { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } },
  ]);
  const create = `elbv2 create-rule --listener-arn ${listener} --priority`;
  const { Rules } = await aws(`${create} 10 --conditions`, conditions, '--actions', forward(9, 1));
  const [rule] = Rules;
  assert.equal(rule.Priority, '10');
  assert.deepEqual(
    rule.Conditions.map((condition: any) => condition.Field),
    ['host-header', 'path-pattern', 'http-header', 'query-string', 'source-ip'],
  );
  const sticky = { Enabled: true, DurationSeconds: 60 };
  const modified = await aws(`elbv2 modify-rule --rule-arn ${rule.RuleArn} --actions`, forward(0, 5, sticky));
  const { TargetGroups, TargetGroupStickinessConfig } = modified.Rules[0].Actions[0].ForwardConfig;
  assert.deepEqual(
    TargetGroups.map((tuple: any) => tuple.Weight),
    [0, 5],
  );
  assert.deepEqual(TargetGroupStickinessConfig, sticky);

  const path = 'Field=path-pattern,Values=/old';
  const redirect = 'Type=redirect,RedirectConfig={Protocol=HTTPS,Port=443,StatusCode=HTTP_301}';
  const old = (await aws(`${create} 20 --conditions ${path} --actions ${redirect}`)).Rules[0];
  assert.match(await aws.refused(`${create} 20 --conditions ${path} --actions ${redirect}`), /^PriorityInUse: /);
  const swap = `RuleArn=${rule.RuleArn},Priority=20 RuleArn=${old.RuleArn},Priority=10`;
  await aws(`elbv2 set-rule-priorities --rule-priorities ${swap}`);
  const described = await aws(`elbv2 describe-rules --listener-arn ${listener}`);
  assert.deepEqual(
    described.Rules.map((it: any) => [it.Priority, it.Actions[0].Type]),
    [
      ['10', 'redirect'],
      ['20', 'forward'],
      ['default', 'fixed-response'],
    ],
  );
  const shared = await aws(`elbv2 describe-target-groups --load-balancer-arn ${balancer}`);
  assert.equal(shared.TargetGroups.length, 2);
  assert.match(await aws.refused(`elbv2 delete-target-group --target-group-arn ${groups['blue']}`), /^ResourceInUse: /);
  for (const { RuleArn } of [rule, old]) await aws(`elbv2 delete-rule --rule-arn ${RuleArn}`);
  const oidc = `${create} 30 --conditions ${path} --actions`;
  const authenticate = JSON.stringify([{ Type: 'authenticate-cognito', Order: 1 }]);
  assert.match(await aws.refused(oidc, authenticate), /^ValidationError: .*'authenticate-cognito' is not supported/);
});

test('attributes of target groups, load balancers and what they answer', async () => {
  const of = `elbv2 modify-target-group-attributes --target-group-arn ${groups['green']} --attributes`;
  const sticky = 'Key=stickiness.enabled,Value=true Key=stickiness.lb_cookie.duration_seconds,Value=60';
  const { Attributes } = await aws(`${of} ${sticky} Key=slow_start.duration_seconds,Value=30`);
  const value = (key: string) => Attributes.find((it: any) => it.Key === key)?.Value;
  assert.equal(value('stickiness.enabled'), 'true');
  assert.equal(value('slow_start.duration_seconds'), '30');
  assert.match(
    await aws.refused(`${of} Key=load_balancing.algorithm.type,Value=least_outstanding_requests`),
    /^InvalidConfigurationRequest: Slow start/,
  );
  const modify = `elbv2 modify-load-balancer-attributes --load-balancer-arn ${balancer} --attributes`;
  await aws(`${modify} Key=idle_timeout.timeout_seconds,Value=120`);
  assert.match(await aws.refused(`${modify} Key=idle_timeout.timeout_seconds,Value=0`), /^InvalidConfigurationRequest/);
  const type = await aws(`elbv2 set-ip-address-type --load-balancer-arn ${balancer} --ip-address-type ipv4`);
  assert.equal(type.IpAddressType, 'ipv4');
});

test('gRPC and instance target groups; targets that nobody uses', async () => {
  const create = `elbv2 create-target-group --protocol HTTP --vpc-id ${vpc} --port 50051 --name`;
  const grpc = await aws(`${create} rpc --target-type ip --protocol-version GRPC --matcher GrpcCode=0-5`);
  assert.deepEqual(grpc.TargetGroups[0].Matcher, { GrpcCode: '0-5' });
  const instances = (await aws(`${create} instances`)).TargetGroups[0];
  assert.equal(instances.TargetType, 'instance');
  const register = `elbv2 register-targets --target-group-arn ${instances.TargetGroupArn} --targets`;
  assert.match(await aws.refused(`${register} Id=i-0123456789abcdef0`), /^InvalidTarget: .*i-0123456789abcdef0/);
  await aws(`elbv2 register-targets --target-group-arn ${groups['green']} --targets Id=172.31.0.9`);
  const health = await aws(`elbv2 describe-target-health --target-group-arn ${groups['green']}`);
  assert.deepEqual(health.TargetHealthDescriptions[0].TargetHealth, {
    State: 'unused',
    Reason: 'Target.NotInUse',
    Description: 'Target group is not configured to receive traffic from the load balancer',
  });
});

test('the load balancer becomes available, and goes with its listeners', async () => {
  await aws(`elbv2 wait load-balancer-available --load-balancer-arns ${balancer}`);
  await aws(`elbv2 delete-load-balancer --load-balancer-arn ${balancer}`);
  await aws(`elbv2 wait load-balancers-deleted --load-balancer-arns ${balancer}`);
  assert.match(await aws.refused(`elbv2 describe-listeners --listener-arns ${listener}`), /^ListenerNotFound: /);
});
