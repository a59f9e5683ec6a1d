import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { homeAt } from '../home.ts';
import type { Deployment } from './deployment.ts';
import { isSteady } from './service.ts';
import { siteInputs } from './site-image.ts';
import { awsLines } from './aws-lines.ts';
import { isSettled, seenLine } from './scaling.ts';
import { EC2_SITE, FARGATE_SITE, type Site } from './site.ts';
import { formatSummary, siteUrl } from './summary.ts';

const SERVER = {
  pid: 1,
  endpoint: 'http://127.0.0.1:4566',
  account: '123456789012',
  region: 'us-east-1',
  edge: { address: '127.0.0.1', httpPort: 8080, httpsPort: 8443 },
  instanceId: '0a1b2c3d',
  startedAt: '2026-01-01T00:00:00.000Z',
};

const DEPLOYMENT: Deployment = {
  image: {
    local: 'longshore/hello-site:3f2a9c0d1e4b',
    repositoryUri: '127.0.0.1:4566/ecs-astro-hello',
    uri: '127.0.0.1:4566/ecs-astro-hello:3f2a9c0d1e4b',
    digest: 'sha256:00',
  },
  placement: { vpcId: 'vpc-1', subnetIds: ['subnet-1', 'subnet-2'], balancerGroupId: 'sg-1', backendGroupId: 'sg-2' },
  executionRoleArn: 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole',
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/ecs-astro-hello:1',
  hostedZoneId: '/hostedzone/Z1',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1',
  balancer: { LoadBalancerArn: 'arn:lb', CanonicalHostedZoneId: 'Z35', DNSName: 'lb.elb.localhost' },
  targetGroupArn: 'arn:tg',
};

test('the port stands in the address only where it must', () => {
  assert.equal(siteUrl(SERVER, FARGATE_SITE), 'https://ecs-fargate.localhost:8443/');
  assert.equal(
    siteUrl({ ...SERVER, edge: { ...SERVER.edge, httpsPort: 443 } }, EC2_SITE),
    'https://ecs-ec2.localhost/',
  );
});

test('the summary tells the address, the CA and the curl line', () => {
  const text = formatSummary(homeAt('/data'), SERVER, FARGATE_SITE, DEPLOYMENT);
  assert.match(text, /^ {2}https:\/\/ecs-fargate\.localhost:8443\/$/m);
  assert.match(
    text,
    /curl --cacert \/data\/ca\.pem --resolve ecs-fargate\.localhost:8443:127\.0\.0\.1 https:\/\/ecs-fargate\.localhost:8443\//,
  );
  assert.match(text, /longshore env --home \/data/);
});

for (const site of [FARGATE_SITE, EC2_SITE]) {
  test(`the aws lines of ${site.domain} are lines that a shell can read, with every id filled in`, () =>
    readLines(site));
}

function readLines(site: Site): void {
  const lines = awsLines(site, { ...DEPLOYMENT, groupArn: 'arn:asg' }, SERVER);
  assert.ok(lines.every((line) => !line.includes('undefined')));
  // A shell parses them without running anything.
  execFileSync('sh', ['-n'], { input: lines.join('\n') });
  const batch = /--change-batch '(.*)'/.exec(lines.find((line) => line.includes('change-batch')) ?? '')?.[1];
  assert.equal(JSON.parse(batch ?? '').Changes[0].ResourceRecordSet.AliasTarget.DNSName, 'lb.elb.localhost');
  const launch = lines.find((line) => line.includes('create-launch-template'));
  assert.equal(launch !== undefined, site === EC2_SITE);
}

test('the launch data of the aws lines is JSON, with the image that the shell has read', () => {
  const lines = awsLines(EC2_SITE, DEPLOYMENT, SERVER);
  const launch = lines.find((line) => line.includes('create-launch-template')) ?? '';
  const given = launch.replace(/^.* --launch-template-data /, '');
  const text = execFileSync('sh', ['-c', `image=ami-1; printf %s ${given}`], { encoding: 'utf8' });
  const { ImageId, UserData } = JSON.parse(text);
  assert.equal(ImageId, 'ami-1');
  assert.match(Buffer.from(UserData, 'base64').toString(), /^#!\/bin\/bash\necho ECS_CLUSTER=demo-ec2 /);
});

test('settled is: each task is healthy on an instance of its own, and none is left over', () => {
  const settled = { wanted: 3, instances: 3, inService: 3, desiredTasks: 3, running: 3, healthy: 3 };
  assert.ok(isSettled(settled));
  for (const change of [{ wanted: 2 }, { inService: 2 }, { running: 1 }, { healthy: 1 }]) {
    assert.ok(!isSettled({ ...settled, ...change }), JSON.stringify(change));
  }
  const leaving = { wanted: 1, instances: 2, inService: 1, desiredTasks: 1, running: 1, healthy: 1 };
  assert.ok(!isSettled(leaving));
  assert.equal(
    seenLine(leaving, 4),
    '4 s: 1 of 1 instances in service (1 on the way out), 1 of 1 tasks running, 1 healthy',
  );
});

test('steady is: one deployment, rolled out, with all its tasks', () => {
  const steady = { desiredCount: 2, runningCount: 2, deployments: [{ rolloutState: 'COMPLETED' as const }] };
  assert.ok(isSteady(steady));
  assert.ok(!isSteady({ ...steady, runningCount: 1 }));
  assert.ok(!isSteady({ ...steady, deployments: [{ rolloutState: 'IN_PROGRESS' }] }));
  assert.ok(!isSteady({ ...steady, deployments: [...steady.deployments, {}] }));
});

test('what the build makes is not among its inputs', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-site-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ['src', 'dist', 'node_modules']) mkdirSync(join(folder, name));
  for (const name of ['src/page', 'dist/page', 'node_modules/x', 'Dockerfile']) writeFileSync(join(folder, name), name);
  assert.deepEqual(siteInputs(folder), ['Dockerfile', 'Dockerfile', 'src/page', 'src/page']);
});
