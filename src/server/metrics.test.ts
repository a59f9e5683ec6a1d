import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registryMetrics } from './metrics.ts';

test('metrics are Prometheus text, with a line for each repository', () => {
  const text = registryMetrics({
    repositories: [
      { account: '123456789012', region: 'us-east-1', name: 'team/"web"', images: 2, blobs: 3, bytes: 700 },
    ],
    repositoryBytes: 10 * 1024 ** 3,
    storedBytes: 500,
    savedBytes: 200,
    blobs: 3,
    unusedBlobs: 1,
    unusedBytes: 10,
    uploads: 1,
    uploadBytes: 20,
  });
  const labels = '{account="123456789012",region="us-east-1",repository="team/\\"web\\""}';
  for (const line of [
    '# TYPE longshore_registry_repository_bytes gauge',
    `longshore_registry_repository_bytes${labels} 700`,
    `longshore_registry_repository_images${labels} 2`,
    'longshore_registry_stored_bytes 500',
    'longshore_registry_saved_bytes 200',
    'longshore_registry_aws_dollars_per_month 1',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line} in\n${text}`);
  }
});
