import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PullTally } from './pull-progress.ts';

test('layers are added up', () => {
  const tally = new PullTally();
  const downloading = (id: string, current: number, total: number) =>
    tally.add({ status: 'Downloading', id, progressDetail: { current, total } });
  assert.equal(tally.add({ status: 'Pulling from team/web', id: 'v1' }), undefined);
  assert.equal(tally.add({ status: 'Already exists', id: 'a' }), undefined);
  assert.deepEqual(downloading('b', 10, 100), { totalBytes: 100, pulledBytes: 10 });
  assert.deepEqual(downloading('c', 5, 50), { totalBytes: 150, pulledBytes: 15 });
  assert.deepEqual(tally.add({ status: 'Download complete', id: 'b' }), { totalBytes: 150, pulledBytes: 105 });
  assert.equal(tally.add({ status: 'Extracting', id: 'b', progressDetail: { current: 1, total: 100 } }), undefined);
  assert.equal(tally.add({ status: 'Pull complete', id: 'b' }), undefined);
  assert.deepEqual(tally.add({ status: 'Pull complete', id: 'c' }), { totalBytes: 150, pulledBytes: 150 });
  assert.equal(tally.add({ status: 'Digest: sha256:ab' }), undefined);
});
