import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readServedTable, writeServedTable } from './served-table.ts';

test('the table that was served last is read again, and a file that a power cut emptied tells nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-served-'));
  t.after(() => rm(folder, { recursive: true }));
  assert.equal(await readServedTable(folder), undefined);
  const edgePorts = { http: 80, https: 443 };
  const table = { vpcId: 'vpc-1', namespacePath: '/run/netns/x', edgePorts, listeners: [], targetGroups: [] };
  await writeServedTable(folder, table);
  assert.deepEqual(await readServedTable(folder), table);
  await writeFile(join(folder, 'served.json'), '');
  assert.equal(await readServedTable(folder), undefined);
});
