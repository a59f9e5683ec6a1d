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
import { awsLines, formatSummary, siteUrl } from './summary.ts';

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
  placement: { vpcId: 'vpc-1', subnetIds: ['subnet-1', 'subnet-2'], balancerGroupId: 'sg-1', taskGroupId: 'sg-2' },
  executionRoleArn: 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole',
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/ecs-astro-hello:1',
  hostedZoneId: '/hostedzone/Z1',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1',
  balancer: { LoadBalancerArn: 'arn:lb', CanonicalHostedZoneId: 'Z35', DNSName: 'lb.elb.localhost' },
  targetGroupArn: 'arn:tg',
};

test('the port stands in the address only where it must', () => {
  assert.equal(siteUrl(SERVER), 'https://ecs-fargate.localhost:8443/');
  assert.equal(siteUrl({ ...SERVER, edge: { ...SERVER.edge, httpsPort: 443 } }), 'https://ecs-fargate.localhost/');
});

test('the summary tells the address, the CA and the curl line', () => {
  const text = formatSummary(homeAt('/data'), SERVER, DEPLOYMENT);
  assert.match(text, /^ {2}https:\/\/ecs-fargate\.localhost:8443\/$/m);
  assert.match(
    text,
    /curl --cacert \/data\/ca\.pem --resolve ecs-fargate\.localhost:8443:127\.0\.0\.1 https:\/\/ecs-fargate\.localhost:8443\//,
  );
  assert.match(text, /longshore env --home \/data/);
});

test('the aws lines are lines that a shell can read, with every id filled in', () => {
  const lines = awsLines(DEPLOYMENT, SERVER);
  assert.ok(lines.every((line) => !line.includes('undefined')));
  // A shell parses them without running anything.
  execFileSync('sh', ['-n'], { input: lines.join('\n') });
  const batch = /--change-batch '(.*)'/.exec(lines.find((line) => line.includes('change-batch')) ?? '')?.[1];
  assert.equal(JSON.parse(batch ?? '').Changes[0].ResourceRecordSet.AliasTarget.DNSName, 'lb.elb.localhost');
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
