import assert from 'node:assert/strict';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { createClusters, startTrail, validateLogs } from '../harness/trail.ts';
import type { TrailBucket } from '../harness/trail.ts';
import { until } from '../harness/until.ts';

/*
 * Whether a trail's files are all there and as they were written: AWS's own validation code reads the digests. What is
 * changed or taken away shows, and killing the server while it delivers does neither.
 */

const EVERY_SECOND = ['--trail-delivery-seconds', '1', '--trail-digest-seconds', '2'];

let server: Longshore;
let aws: Cli;

before(async () => {
  server = await Longshore.start({ args: EVERY_SECOND });
  aws = cliOf(server);
});

after(() => server?.remove());

/** A stopped trail whose files are all in digests: some in each of three files, in two regions. */
async function finishedTrail(name: string): Promise<TrailBucket> {
  const bucket = await startTrail(server, name, '--enable-log-file-validation', '--is-multi-region-trail');
  for (const round of [1, 2, 3]) {
    await createClusters(server, `${name}-${round}`, 2);
    await bucket.waitFor(2, (event) => event.requestParameters?.clusterName?.startsWith(`${name}-${round}-`));
  }
  await createClusters(server, `${name}-abroad`, 2, 'eu-west-1');
  await bucket.waitFor(2, (event) => event.requestParameters?.clusterName?.startsWith(`${name}-abroad-`));
  await until('three digests are there', async () => inRegion(await bucket.digests()).length >= 3);
  await aws(`cloudtrail stop-logging --name ${name}`);
  await bucket.waitFor(1, (event) => event.eventName === 'StopLogging' && event.requestParameters.name === name);
  await bucket.allDigested();
  return bucket;
}

const inRegion = (files: readonly { readonly key: string }[], region = 'us-east-1') =>
  files.map(({ key }) => key).filter((key) => key.includes(`/${region}/`));

describe('validate-logs', { concurrency: 3 }, () => {
  test('what nobody has touched is valid, in each region', async () => {
    const bucket = await finishedTrail('whole');
    for (const region of ['us-east-1', 'eu-west-1']) {
      const ran = await validateLogs(server, 'whole', '--region', region);
      assert.equal(ran.code, 0, ran.stdout + ran.stderr);
      const digests = inRegion(await bucket.digests(), region).length;
      const logs = inRegion(await bucket.logs(), region).length;
      assert.ok(digests >= 1 && logs >= 1);
      assert.match(ran.stdout, new RegExp(`^${digests}/${digests} digest files valid$`, 'm'));
      assert.match(ran.stdout, new RegExp(`^${logs}/${logs} log files valid$`, 'm'));
      assert.equal(ran.stderr, '');
    }
  });

  test('a log file that was changed or removed is found', async () => {
    const bucket = await finishedTrail('logs');
    const [changed = '', removed = ''] = inRegion(await bucket.logs());
    await bucket.tamper(changed, (text) =>
      text.replaceAll('CreateCluster', 'DeleteCluster').replaceAll('127.', '128.'),
    );
    await bucket.remove(removed);
    const ran = await validateLogs(server, 'logs');
    assert.equal(ran.code, 1, ran.stdout + ran.stderr);
    const problems = ran.stderr.split('\n').filter((line) => line !== '');
    assert.deepEqual(
      problems.toSorted(),
      [
        `Log file\ts3://${bucket.name}/${changed}\tINVALID: hash value doesn't match`,
        `Log file\ts3://${bucket.name}/${removed}\tINVALID: not found`,
      ].toSorted(),
    );
    assert.match(ran.stdout, /^(\d+)\/\1 digest files valid$/m);
    assert.match(ran.stdout, /log files valid, 2\/\d+ log files INVALID$/m);
  });

  test('a digest that was changed or removed is found', async () => {
    const bucket = await finishedTrail('digests');
    const keys = inRegion(await bucket.digests());
    const [, removed = '', changed = ''] = keys;
    await bucket.tamper(changed, (text) => text.replace('"logFiles":[', '"logFiles": ['));
    await bucket.remove(removed);
    const ran = await validateLogs(server, 'digests');
    assert.equal(ran.code, 1, ran.stdout + ran.stderr);
    assert.match(
      ran.stderr,
      new RegExp(`Digest file\\ts3://${bucket.name}/${changed}\\tINVALID: signature verification`),
    );
    assert.match(ran.stdout, /digest files valid, \d\/\d+ digest files INVALID$/m);
    // The one before the changed one is looked for by the chain only when that is whole again.
    await bucket.tamper(changed, (text) => text.replace('"logFiles": [', '"logFiles":['));
    const again = await validateLogs(server, 'digests');
    assert.equal(again.code, 1, again.stdout);
    assert.deepEqual(again.stderr.trim(), `Digest file\ts3://${bucket.name}/${removed}\tINVALID: not found`);
  });
});

test('a server that is killed while it delivers loses no file and doubles none', async () => {
  const regions = ['us-east-1', 'eu-west-1', 'eu-central-1'];
  const bucket = await startTrail(server, 'killed', '--enable-log-file-validation', '--is-multi-region-trail');
  const kills: number[] = [];
  for (const steps of [1, 2, 3, 4, 5, 6]) {
    for (const region of regions) await createClusters(server, `killed-${steps}`, 3, region);
    kills.push(await killAfter(steps));
    await server.up();
  }
  assert.deepEqual(kills, [1, 2, 3, 4, 5, 6]);
  const made = (event: any) =>
    event.eventName === 'CreateCluster' && event.requestParameters.clusterName.startsWith('killed-');
  const events = await bucket.waitFor(54, made);
  const names = events.map((event) => `${event.awsRegion} ${event.requestParameters.clusterName}`);
  assert.equal(new Set(names).size, 54);
  assert.equal(names.length, 54, 'each once');
  await aws('cloudtrail stop-logging --name killed');
  await bucket.waitFor(1, (event) => event.eventName === 'StopLogging' && event.requestParameters.name === 'killed');
  await bucket.allDigested();
  const ids = (await bucket.events()).map((event) => event.eventID);
  assert.equal(new Set(ids).size, ids.length, 'every event is in one file');
  for (const region of regions) {
    const ran = await validateLogs(server, 'killed', '--region', region);
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    const logs = inRegion(await bucket.logs(), region).length;
    assert.match(ran.stdout, new RegExp(`^${logs}/${logs} log files valid$`, 'm'));
  }
});

/** Kills the server when so many steps of writing objects were seen: each file is begun, and then given its name. */
async function killAfter(steps: number): Promise<number> {
  let seen = 0;
  const watcher = watch(join(server.home, 'objects', 'new'), { signal: AbortSignal.timeout(60_000) });
  try {
    await new Promise<void>((resolve, reject) => {
      watcher
        .on('close', () => reject(new Error('Nothing was delivered.')))
        .on('change', (type) => {
          if (type === 'rename') seen += 1;
          if (seen === steps) resolve();
        });
    });
    await server.kill9();
    return steps;
  } finally {
    watcher.close();
  }
}
