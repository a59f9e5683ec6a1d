import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FolderNetworkFiles, networkTexts } from './network-files.ts';
import { TEST_NETWORK as network } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'longshore-network-files-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('names and resolver are as Docker writes them', () => {
  const texts = networkTexts(network);
  assert.match(texts.hosts, /^127\.0\.0\.1\tlocalhost\n[^]*\n172\.31\.0\.11\tip-172-31-0-11\.ec2\.internal\n$/);
  const hosts = [{ name: 'api', address: '169.254.176.1' }];
  assert.match(networkTexts({ ...network, hosts }).hosts, /ec2\.internal\n169\.254\.176\.1\tapi\n$/);
  assert.equal(texts.hostname, 'ip-172-31-0-11.ec2.internal\n');
  assert.equal(texts['resolv.conf'], 'search ec2.internal\nnameserver 172.31.0.2\n');
  assert.equal(networkTexts({ ...network, dnsSearch: [] })['resolv.conf'], 'nameserver 172.31.0.2\n');
});

test('files are written once, found and removed', async () => {
  const files = new FolderNetworkFiles(join(folder, 'tasks'));
  assert.deepEqual(await files.list(), []);
  const mounts = await files.ensure({ taskId: 't1', network });
  assert.deepEqual(
    mounts.map(({ target }) => target),
    ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf'],
  );
  const hosts = join(folder, 'tasks/t1/hosts');
  writeFileSync(hosts, 'of the container');
  assert.deepEqual(await files.ensure({ taskId: 't1', network }), mounts);
  assert.equal(readFileSync(hosts, 'utf8'), 'of the container');
  assert.deepEqual(readdirSync(join(folder, 'tasks/t1')).toSorted(), ['hostname', 'hosts', 'resolv.conf']);
  assert.deepEqual(await files.list(), ['t1']);
  await files.remove('t1');
  await files.remove('t1');
  assert.deepEqual(await files.list(), []);
  await assert.rejects(files.ensure({ taskId: '../t1', network }), /no id of a task/);
});
