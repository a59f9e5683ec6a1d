import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AuthorizeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DescribeListenersCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { logDeliveryPolicy, readLogs, type AccessFields, type BalancerLogs } from './harness/balancer-logs.ts';
import { cliOf } from './harness/cli.ts';
import type { Cli } from './harness/cli.ts';
import { Longshore } from './harness/longshore.ts';
import { getPage } from './harness/page.ts';
import { must } from './harness/run.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { given } from './harness/site-parts.ts';
import { deploySite, detailOf } from './harness/site.ts';
import type { Site } from './harness/site.ts';
import { until } from './harness/until.ts';

/*
 * Access, connection and health check logs of an application load balancer in front of a real task, read back from the bucket as
 * anyone reads them.
 */

const IMAGE = `longshore-test-balancer-logs-${process.pid}:v1`;
const BUCKET = 'balancer-logs';
/** Of a task, that nobody listens on. Let in long before it is a target: each check of it is refused, not unanswered. */
const REFUSING_PORT = 9;
const VERSION = '/cgi-bin/version?a=b';
const KEY =
  /^web\/AWSLogs\/123456789012\/elasticloadbalancing\/us-east-1\/\d{4}\/\d\d\/\d\d\/(conn_log_|health_check_log_)?123456789012_elasticloadbalancing_us-east-1_app\.logged\.[0-9a-f]{16}_\d{8}T\d{4}Z_\d+\.\d+\.\d+\.\d+_[a-z0-9]{8}\.log\.gz$/;

let server: Longshore;
let aws: Cli;
let site: Site;
let balancerArn: string;

before(async () => {
  server = await Longshore.start({ args: ['--load-balancer-log-seconds', '1'] });
  aws = cliOf(server);
  await buildSiteImage(IMAGE, 'v1');
  site = await deploySite(server, { name: 'logged', image: IMAGE, count: 1 });
  balancerArn = given(site.parts.balancer.LoadBalancerArn, 'LoadBalancerArn');
  await letIn(REFUSING_PORT);
  await aws(`s3api create-bucket --bucket ${BUCKET}`);
});

after(async () => {
  await server?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

async function logs(isThere: (seen: BalancerLogs) => boolean): Promise<BalancerLogs> {
  const { s3 } = site.clients;
  return until('the logs are in the bucket', async () => {
    const seen = await readLogs(s3, BUCKET);
    return isThere(seen) && seen;
  });
}

const asking = (path: string) => (entry: AccessFields) => entry.request.split(' ')[1]?.endsWith(path) ?? false;

test('a bucket whose policy does not let ELB in is refused, and a test file is written to one that does', async () => {
  const attributes = (kind: string) =>
    ['enabled,Value=true', `bucket,Value=${BUCKET}`, 'prefix,Value=web'].map((one) => `Key=${kind}_logs.s3.${one}`);
  const modify = `elbv2 modify-load-balancer-attributes --load-balancer-arn ${balancerArn} --attributes`;
  const denied = (bucket: string) =>
    `InvalidConfigurationRequest: Access Denied for bucket: ${bucket}. Please check S3bucket permission`;
  assert.equal(await aws.refused(modify, ...attributes('access')), denied(BUCKET));
  const nobodys = attributes('access').map((one) => one.replace(BUCKET, 'nobodys-bucket'));
  assert.equal(await aws.refused(modify, ...nobodys), denied('nobodys-bucket'));
  const allow = (principal: object) =>
    aws(`s3api put-bucket-policy --bucket ${BUCKET} --policy`, logDeliveryPolicy(BUCKET, principal));
  await allow({ Service: 'elasticloadbalancing.amazonaws.com' });
  assert.equal(await aws.refused(modify, ...attributes('access')), denied(BUCKET));
  // ELB's own account of the region, as policies had it before 2022.
  await allow({ AWS: 'arn:aws:iam::127311923021:root' });
  await aws(modify, ...attributes('access'));
  await allow({ Service: 'logdelivery.elasticloadbalancing.amazonaws.com' });
  await aws(modify, ...['access', 'connection', 'health_check'].flatMap(attributes));
  const { Contents } = await aws(`s3api list-objects-v2 --bucket ${BUCKET} --prefix web/AWSLogs/123456789012/ELB`);
  assert.deepEqual(
    Contents.map((one: any) => one.Key.split('/').at(-1)),
    ['ELBAccessLogTestFile', 'ELBConnectionLogTestFile', 'ELBHealthCheckLogTestFile'],
  );
});

/** From the load balancer to the tasks. */
async function letIn(port: number): Promise<void> {
  const { balancerGroupId, taskGroupId } = site.parts.placement;
  const peer = [{ GroupId: balancerGroupId }];
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, UserIdGroupPairs: peer }];
  await site.clients.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: taskGroupId, IpPermissions }));
}

/** Rules 7, to a port of the task that nobody listens on, and 9, which rewrites. */
async function addRules(): Promise<void> {
  const { elbv2 } = site.clients;
  const { Listeners = [] } = await elbv2.send(new DescribeListenersCommand({ LoadBalancerArn: balancerArn }));
  const ListenerArn = Listeners.find((listener) => listener.Port === 443)?.ListenerArn;
  const settings = { Protocol: 'HTTP', Port: REFUSING_PORT, TargetType: 'ip', HealthCheckIntervalSeconds: 5 } as const;
  const { TargetGroups } = await elbv2.send(
    new CreateTargetGroupCommand({
      ...settings,
      Name: 'refusing',
      VpcId: site.parts.placement.vpcId,
      HealthCheckTimeoutSeconds: 2,
      UnhealthyThresholdCount: 2,
    }),
  );
  const TargetGroupArn = given(TargetGroups?.[0]?.TargetGroupArn, 'TargetGroupArn');
  const [task] = await site.tasks();
  const Id = detailOf(given(task, 'task'), 'privateIPv4Address');
  await elbv2.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id }] }));
  const path = (value: string) => [{ Field: 'path-pattern', Values: [value] }];
  await elbv2.send(
    new CreateRuleCommand({
      ListenerArn,
      Priority: 7,
      Conditions: path('/refused'),
      Actions: [{ Type: 'forward', TargetGroupArn }],
    }),
  );
  await elbv2.send(
    new CreateRuleCommand({
      ListenerArn,
      Priority: 9,
      Conditions: path('/v1/*'),
      Actions: [{ Type: 'forward', TargetGroupArn: site.parts.targetGroupArn }],
      Transforms: [{ Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex: '^/v1/', Replace: '/' }] } }],
    }),
  );
}

test('every request is told by field, also of the time when the server was killed', async () => {
  await site.steady();
  await addRules();
  const agent = { 'user-agent': 'say "hi"' };
  const { hostname, targetGroupArn, certificateArn } = site.parts;
  const wanted = await site.request('/');
  const get = (path: string) => getPage({ ...wanted, path, headers: agent });
  await until('the target refuses', async () => (await get('/refused')).status === 502);
  assert.equal((await get(VERSION)).status, 200);
  assert.equal((await get('/v1/healthz')).status, 200);
  assert.equal((await getPage({ port: server.httpPort, hostname, path: '/plain' })).status, 301);
  await server.kill9();
  assert.equal((await get('/while-it-was-away')).status, 404);
  await server.up();
  const seen = await logs(
    ({ requests, connections }) =>
      ['/v1/healthz', '/plain', '/while-it-was-away'].every((path) => requests.some(asking(path))) &&
      // Connections are delivered on their own.
      connections.some(({ conn_trace_id }) => conn_trace_id === requests.find(asking(VERSION))?.conn_trace_id),
  );
  for (const key of seen.keys) assert.match(key, KEY);
  const entryOf = (path: string) => given(seen.requests.findLast(asking(path)), path);

  const version = entryOf(VERSION);
  assert.equal(version.type, 'https');
  assert.equal(version.elb, balancerArn.split(':loadbalancer/')[1]);
  assert.equal(version.request, `GET https://${hostname}:443/cgi-bin/version?a=b HTTP/1.1`);
  assert.equal(version.user_agent, String.raw`say \x22hi\x22`);
  assert.match(version['client:port'], /^127\.0\.0\.1:\d+$/);
  assert.match(version['target:port'], /^172\.31\.\d+\.\d+:80$/);
  assert.equal(version['target:port_list'], version['target:port']);
  assert.deepEqual([version.elb_status_code, version.target_status_code], ['200', '200']);
  assert.equal(version.target_status_code_list, '200');
  assert.deepEqual([version.target_group_arn, version.chosen_cert_arn], [targetGroupArn, certificateArn]);
  assert.deepEqual([version.ssl_protocol, version.domain_name], ['TLSv1.2', hostname]);
  assert.match(version.trace_id, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  assert.deepEqual([version.matched_rule_priority, version.actions_executed], ['0', 'forward']);
  assert.match(version.conn_trace_id, /^TID_[0-9a-f]{32}$/);
  assert.match(version.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.ok(version.request_creation_time <= version.time);
  assert.ok(Number(version.received_bytes) > 50 && Number(version.sent_bytes) > 50);
  for (const time of ['request', 'target', 'response'] as const) {
    assert.match(version[`${time}_processing_time`], /^\d+\.\d{3}$/);
  }

  const rewritten = entryOf('/v1/healthz');
  assert.deepEqual([rewritten.matched_rule_priority, rewritten.transformed_uri], ['9', '/healthz']);
  assert.equal(rewritten.request_transform_status, 'TransformSuccess');

  const refused = entryOf('/refused');
  assert.deepEqual([refused.elb_status_code, refused.target_status_code], ['502', '-']);
  assert.deepEqual([refused.matched_rule_priority, refused.target_processing_time], ['7', '-1']);
  assert.match(refused.target_group_arn, /targetgroup\/refusing\//);

  const redirected = entryOf('/plain');
  assert.deepEqual([redirected.type, redirected.elb_status_code], ['http', '301']);
  assert.deepEqual([redirected.actions_executed, redirected['target:port']], ['redirect', '-']);
  assert.equal(redirected.redirect_url, `https://${hostname}:${server.httpsPort}/plain`);
  assert.equal(redirected.ssl_cipher, '-');

  const connection = seen.connections.find(({ conn_trace_id }) => conn_trace_id === version.conn_trace_id);
  assert.deepEqual([connection?.listener_port, connection?.tls_protocol], ['443', 'TLSv1.2']);
  assert.deepEqual([connection?.tls_verify_status, connection?.elb], ['Success', version.elb]);
  assert.equal(`${connection?.client_ip}:${connection?.client_port}`, version['client:port']);
  const ids = seen.requests.map((entry) => `${entry.time} ${entry.conn_trace_id}`);
  assert.equal(new Set(ids).size, ids.length, 'no request is told twice');
});

test('every health check is told, of a target that answers and of one that does not', async () => {
  const { healthChecks } = await logs(
    (seen) =>
      seen.healthChecks.some(({ status }) => status === 'PASS') &&
      seen.healthChecks.some((check) => check.status === 'FAIL' && check.target_group_id === 'refusing'),
  );
  const { targetGroupArn } = site.parts;
  const { time, latency, target_addr, ip_address, ...passed } = given(
    healthChecks.find(({ status }) => status === 'PASS'),
    'a check that passed',
  );
  const common = { type: 'http', elb: balancerArn.split(':loadbalancer/')[1] };
  const target_group_id = targetGroupArn.split('/')[1];
  assert.deepEqual(passed, { ...common, target_group_id, status: 'PASS', status_code: '200', reason_code: '-' });
  assert.match(`${time} ${latency}`, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \d+\.\d{3}$/);
  assert.match(`${target_addr} ${ip_address}`, /^172\.31\.\d+\.\d+:80 \d+\.\d+\.\d+\.\d+$/);
  const refused = given(
    healthChecks.find((check) => check.target_group_id === 'refusing'),
    'a check that failed',
  );
  assert.deepEqual([refused.status, refused.status_code, refused.reason_code], ['FAIL', '-', 'ConnectionReset']);
  const ids = healthChecks.map((check) => `${check.time} ${check.target_addr}`);
  assert.equal(new Set(ids).size, ids.length, 'no check is told twice');
});

test('a deleted load balancer delivers what was left', async () => {
  assert.equal((await site.get('/the-last-one')).status, 404);
  await site.clients.elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: balancerArn }));
  await logs(({ requests }) => requests.some(asking('/the-last-one')));
});
