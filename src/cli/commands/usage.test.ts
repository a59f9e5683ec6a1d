import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatUsage } from './usage.ts';

const awsPrice = { dollarsPerGbMonth: 0.1, source: 'https://example.com', asOf: '2026-03' };
const GIB = 1024 ** 3;

test('usage shows each repository, what is saved, and what AWS would charge', () => {
  const one = { account: '123456789012', region: 'us-east-1', images: 3, blobs: 5, awsDollarsPerMonth: 1 };
  const text = formatUsage({
    repositories: [
      { ...one, name: 'team/web', bytes: 10 * GIB },
      { ...one, name: 'api', bytes: 10 * GIB },
    ],
    repositoryBytes: 20 * GIB,
    storedBytes: 12 * GIB,
    savedBytes: 8 * GIB,
    unusedBytes: 0,
    uploadBytes: 100,
    awsDollarsPerMonth: 2,
    awsPrice,
  });
  assert.match(text, /^123456789012\/us-east-1\/team\/web +3 +10\.0 GiB +\$1\.00$/m);
  assert.match(text, /^On disk +12\.0 GiB/m);
  assert.match(text, /^Saved +8\.0 GiB/m);
  assert.doesNotMatch(text, /Unused/);
  assert.match(text, /^Uploads +100 B/m);
  assert.match(text, /^Amazon ECR +\$2\.00 a month for the same, at \$0\.10 per GB-month/m);
});
