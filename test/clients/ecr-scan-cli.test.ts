import assert from 'node:assert/strict';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ECRClient } from '@aws-sdk/client-ecr';
import { writeFakeTrivy } from '../../src/server/testing-trivy.ts';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { makeUser } from '../harness/identities.ts';
import { Longshore } from '../harness/longshore.ts';
import { createRepository, pushImage } from '../harness/registry.ts';
import { allowing } from '../harness/roles.ts';
import { run } from '../harness/run.ts';
import { buildSiteImage } from '../harness/site-image.ts';
import { until } from '../harness/until.ts';

/*
 * Image scans with Debian's `aws ecr`. In Trivy's place is a program that pulls by skopeo, with what it was given to log
 * in, and then prints a report of three findings; it waits for as long as there is a file `hold`.
 */

const REPORTS = `
if [ -e "$folder/hold" ]; then touch "$folder/held"; fi
while [ -e "$folder/hold" ]; do sleep 0.05; done
skopeo inspect --tls-verify=false --creds "$TRIVY_USERNAME:$TRIVY_PASSWORD" "docker://$reference" > "$folder/inspected" || exit 1
cat "$folder/report.json"`;
const OF_APP = '--repository-name app --image-id imageTag=';

const image = (version: string) => `ls-scan-test-${version}:${process.pid}`;
let folder: string;
let server: Longshore;
let ecr: ECRClient;
let aws: Cli;
let uri: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-scan-'));
  for (const version of ['v1', 'v2', 'v3']) await buildSiteImage(image(version), version);
  // There is no such program yet.
  server = await Longshore.start({ args: ['--trivy', join(folder, 'trivy')] });
  ({ ecr } = await server.clients());
  aws = cliOf(server);
  uri = await createRepository(ecr, 'app');
  await pushImage(ecr, image('v1'), uri, 'v1');
});

after(async () => {
  await rm(join(folder, 'hold'), { force: true });
  await server?.remove();
  await run('docker', ['image', 'rm', '--force', ...['v1', 'v2', 'v3'].map(image)]);
  await rm(folder, { recursive: true, force: true });
});

const findings = (tag: string, ...more: readonly string[]) =>
  aws(`ecr describe-image-scan-findings ${OF_APP}${tag}`, ...more);
const start = (tag: string) => aws(`ecr start-image-scan ${OF_APP}${tag}`);
const completed = (tag: string) => aws(`ecr wait image-scan-complete ${OF_APP}${tag}`);

async function described(tag: string): Promise<any> {
  const { imageDetails } = await aws(`ecr describe-images --repository-name app --image-ids imageTag=${tag}`);
  return imageDetails[0];
}

test('without trivy a scan fails, and says how to get one that does not', async () => {
  assert.match(
    await aws.refused(`ecr describe-image-scan-findings ${OF_APP}v1`),
    /^ScanNotFoundException: Image scan does not exist for the image with '\{imageDigest:'sha256:[0-9a-f]{64}', imageTag:'v1'\}'/,
  );
  assert.match(
    await aws.refused(`ecr start-image-scan ${OF_APP}none`),
    /^ImageNotFoundException: The image with imageId/,
  );
  const started = await start('v1');
  assert.deepEqual(started.imageScanStatus, { status: 'IN_PROGRESS' });
  await assert.rejects(completed('v1'), /Waiter ImageScanComplete failed: .*terminal failure state/);
  const { imageScanStatus, imageScanFindings } = await findings('v1');
  assert.equal(imageScanStatus.status, 'FAILED');
  assert.match(
    imageScanStatus.description,
    /^Images are scanned by Trivy, and '\S+' cannot be run \(ENOENT\)\. Install it/,
  );
  assert.ok(!imageScanFindings);
  assert.equal((await described('v1')).imageScanStatus.status, 'FAILED');
  assert.equal((await described('v1')).imageScanFindingsSummary, undefined);
});

test('with it, its findings are there, whatever the policy of the repository', async () => {
  const deny = { Effect: 'Deny', Principal: '*', Action: 'ecr:BatchGetImage' };
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [deny] });
  await aws('ecr set-repository-policy --repository-name app --force --policy-text', policy);
  await writeFakeTrivy(folder, REPORTS);
  await start('v1');
  await completed('v1');
  await aws('ecr delete-repository-policy --repository-name app');

  const { imageId, imageScanStatus, imageScanFindings } = await findings('v1');
  assert.deepEqual(imageScanStatus, { status: 'COMPLETE', description: 'The scan was completed successfully.' });
  const severities = imageScanFindings.findings.map((one: any) => `${one.name} ${one.severity}`);
  assert.deepEqual(severities, ['CVE-2099-0002 CRITICAL', 'CVE-2099-0001 LOW', 'TEMP-0000001-ABCDEF UNDEFINED']);
  assert.deepEqual(imageScanFindings.findingSeverityCounts, { CRITICAL: 1, LOW: 1, UNDEFINED: 1 });
  assert.equal(Date.parse(imageScanFindings.vulnerabilitySourceUpdatedAt), Date.parse('2026-01-02T03:04:05.678Z'));
  assert.equal(JSON.parse(await readFile(join(folder, 'inspected'), 'utf8')).Digest, imageId.imageDigest);
  const first = await findings('v1', '--max-items', '1', '--page-size', '1');
  assert.equal(first.imageScanFindings.findings.length, 1);

  const detail = await described('v1');
  assert.deepEqual(detail.imageScanFindingsSummary.findingSeverityCounts, { CRITICAL: 1, LOW: 1, UNDEFINED: 1 });
  assert.equal(detail.lastRecordedPullTime, undefined, 'a scan is no pull');
  const again = await aws.refused(`ecr start-image-scan ${OF_APP}v1`);
  assert.equal(again, 'LimitExceededException: The scan quota per image has been exceeded. Wait and try again.');
  const calls = await readFile(join(folder, 'calls'), 'utf8');
  const [, password = 'none'] = /^TRIVY_PASSWORD=(.+)$/m.exec(calls) ?? [];
  assert.ok(!server.log.includes(password));
});

test('what is pushed is scanned where the repository says so', async () => {
  await aws(
    'ecr put-image-scanning-configuration --repository-name app --image-scanning-configuration scanOnPush=true',
  );
  await pushImage(ecr, image('v2'), uri, 'v2');
  await completed('v2');
  assert.equal((await findings('v2')).imageScanFindings.findings.length, 3);
});

test('a scan that a kill -9 ended is run again', async () => {
  await writeFile(join(folder, 'hold'), '');
  await pushImage(ecr, image('v3'), uri, 'v3');
  await until('trivy runs', () =>
    access(join(folder, 'held')).then(
      () => true,
      () => undefined,
    ),
  );
  await server.kill9();
  await rm(join(folder, 'hold'));
  await server.up();
  await completed('v3');
  assert.equal((await described('v3')).imageScanStatus.status, 'COMPLETE');
});

test('a user needs the permission for each of the two', async () => {
  const clients = await server.clients();
  const key = await makeUser(clients.iam, 'reader', { policy: allowing(['ecr:DescribeImageScanFindings']) });
  const reader = cliOf(server, key);
  assert.equal((await reader(`ecr describe-image-scan-findings ${OF_APP}v1`)).imageScanStatus.status, 'COMPLETE');
  assert.match(
    await reader.refused(`ecr start-image-scan ${OF_APP}v1`),
    /^AccessDeniedException: .*ecr:StartImageScan on resource: arn:aws:ecr:us-east-1:123456789012:repository\/app/,
  );
});
