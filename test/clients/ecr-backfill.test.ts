import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DescribeReplicationBackfillResultsCommand,
  ListImagesCommand,
  ListReplicationBackfillsCommand,
  PutImageCommand,
  PutReplicationConfigurationCommand,
  StartReplicationBackfillCommand,
  StopReplicationBackfillCommand,
} from '@aws-sdk/client-ecr';
import { Longshore } from '../harness/longshore.ts';
import { createRepository } from '../harness/registry.ts';
import { until } from '../harness/until.ts';

/* Images that were there before a replication rule, through the SDK, over the server's sudden end. */

const IRELAND = 'eu-west-1';
const destination = { region: IRELAND, registryId: '123456789012' };
const IMAGES = 150;

let server: Longshore;
let clients: Awaited<ReturnType<Longshore['clients']>>;

before(async () => {
  server = await Longshore.start();
  clients = await server.clients();
});

after(() => server?.remove());

/** An index without images needs no layers. */
function manifest(number: number): string {
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  return JSON.stringify({ schemaVersion: 2, mediaType, manifests: [], annotations: { number: String(number) } });
}

test('a backfill is asked for in a registry, goes on after kill -9, and is told about image by image', async () => {
  const { ecr } = clients;
  const repositoryName = 'team/backfilled';
  await createRepository(ecr, repositoryName);
  for (let number = 0; number < IMAGES; number += 1) {
    await ecr.send(new PutImageCommand({ repositoryName, imageManifest: manifest(number), imageTag: `v${number}` }));
  }
  await assert.rejects(ecr.send(new StartReplicationBackfillCommand({ destination })), {
    name: 'InvalidParameterException',
  });
  const replicationConfiguration = { rules: [{ destinations: [destination] }] };
  await ecr.send(new PutReplicationConfigurationCommand({ replicationConfiguration }));
  const started = await ecr.send(new StartReplicationBackfillCommand({ destination }));
  assert.equal(started.status, 'PREPARING');
  const { replicationBackfillId } = started;
  await server.kill9();
  await server.up();
  const describe = new DescribeReplicationBackfillResultsCommand({ replicationBackfillId });
  const done = await until('the backfill is complete', async () => {
    const described = await ecr.send(describe);
    return described.status === 'COMPLETE' && described;
  });
  assert.deepEqual(done.progress, {
    totalReplicationCount: IMAGES,
    completedReplicationCount: IMAGES,
    failedReplicationCount: 0,
    failureCodes: [],
  });
  assert.equal(done.results?.length, 100);
  const rest = await ecr.send(
    new DescribeReplicationBackfillResultsCommand({ replicationBackfillId, nextToken: done.nextToken }),
  );
  assert.equal(rest.results?.length, IMAGES - 100);
  assert.equal(rest.nextToken, undefined);
  const { ecr: there } = await server.clients({ region: IRELAND });
  const { imageIds } = await there.send(new ListImagesCommand({ repositoryName, maxResults: 1000 }));
  assert.equal(imageIds?.length, IMAGES);
  await assert.rejects(ecr.send(new StopReplicationBackfillCommand({ replicationBackfillId })), {
    name: 'ReplicationBackfillInvalidStatusException',
  });
  const { backfills } = await ecr.send(new ListReplicationBackfillsCommand({}));
  assert.deepEqual(
    backfills?.map((one) => one.replicationBackfillId),
    [replicationBackfillId],
  );
  assert.ok(backfills?.[0]?.endedAt);
});
