import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGroups } from './testing.ts';

test('tags of groups whose names begin alike come page by page, each once', async () => {
  const groups = openGroups();
  for (const AutoScalingGroupName of ['a', 'a-b']) {
    const Tags = ['one', 'two'].map((Key) => ({ Key, Value: '' }));
    await groups.create({ AutoScalingGroupName, MinSize: 0, Tags });
  }
  const found: string[] = [];
  let token: string | undefined;
  do {
    const { Tags = [], NextToken } = await groups.call('DescribeTags', { MaxRecords: 1, NextToken: token });
    found.push(...Tags.map(({ ResourceId, Key }) => `${ResourceId} ${Key}`));
    token = NextToken;
  } while (token !== undefined);
  assert.deepEqual(
    found.toSorted((a, b) => a.localeCompare(b)),
    ['a one', 'a two', 'a-b one', 'a-b two'],
  );
  await groups.close();
});
