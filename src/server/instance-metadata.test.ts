import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { FakeClock } from '../kernel/clock.ts';
import { seededIds } from '../kernel/ids.ts';
import { SealedBox } from '../kernel/sealed-box.ts';
import type { MetadataRecord } from '../services/ec2/index.ts';
import { answerMetadata, instanceMetadata } from './instance-metadata.ts';

const TOKEN = 'x-aws-ec2-metadata-token';
const TTL = 'x-aws-ec2-metadata-token-ttl-seconds';
const SCOPE = { account: '123456789012', region: 'us-east-1' };
const GROUP = { groupId: 'sg-1', groupName: 'web' };

/** An instance as its rows tell of it; only what metadata reads. */
function record(change: object = {}, id = 'i-1'): MetadataRecord {
  const row = {
    ...SCOPE,
    id,
    imageId: 'ami-1',
    instanceType: 't3.micro',
    reservationId: 'r-1',
    launchIndex: 0,
    launchedAt: 0,
    zoneName: 'us-east-1a',
    zoneId: 'use1-az1',
    keyName: 'deploy',
    tags: { Name: 'web', team: 'shop' },
    userData: Buffer.from('#!/bin/sh\n').toString('base64'),
    profile: {
      associationId: 'a',
      profileArn: 'arn:aws:iam::123456789012:instance-profile/app',
      profileId: 'AIPA',
      associatedAt: 0,
    },
    metadata: {
      httpTokens: 'required',
      httpEndpoint: 'enabled',
      httpPutResponseHopLimit: 1,
      instanceMetadataTags: 'disabled',
      ...change,
    },
  };
  const networkInterface = {
    ...SCOPE,
    id: 'eni-1',
    privateIp: '172.31.0.4',
    macAddress: '0a:00:00:00:00:01',
    subnetId: 'subnet-1',
    vpcId: 'vpc-1',
    groups: [GROUP],
    association: { publicIp: '198.18.0.1' },
  };
  return {
    row,
    networkInterface,
    vpc: { ...SCOPE, cidrBlocks: [{ cidrBlock: '172.31.0.0/16' }], enableDnsHostnames: true, enableDnsSupport: true },
    subnet: { cidrBlock: '172.31.0.0/20' },
    keyPair: { publicKey: 'ssh-rsa AAAA deploy' },
  } as unknown as MetadataRecord;
}

function service() {
  const clock = new FakeClock();
  const box = new SealedBox(Buffer.alloc(32, 1), 'instance-metadata-tokens', seededIds(3));
  const parts = {
    box,
    clock,
    find: async () => undefined,
    roleOf: async () => ({ name: 'app-role', credentials: async () => '{"Code":"Success"}' }),
  };
  const call = (method: string, url: string, headers: Record<string, string> = {}, of = record()) =>
    answerMetadata({ method, url, headers }, of, parts);
  const token = async (ttl = '60', of = record()) =>
    String((await call('PUT', '/latest/api/token', { [TTL]: ttl }, of)).body);
  return { clock, call, token, parts };
}

test('nothing without a token where tokens are required, and none but its own', async () => {
  const { call, token, clock } = service();
  const path = '/latest/meta-data/instance-id';
  assert.equal((await call('GET', path)).status, 401);
  assert.equal((await call('GET', path, { [TOKEN]: 'made-up' })).status, 401);
  const own = await token();
  const { status, body, headers } = await call('GET', path, { [TOKEN]: own });
  assert.deepEqual([status, body, headers?.[TTL]], [200, 'i-1', '60']);
  assert.equal((await call('GET', path, { [TOKEN]: own }, record({}, 'i-2'))).status, 401);
  clock.advance(60_001);
  assert.equal((await call('GET', path, { [TOKEN]: own })).status, 401);
});

test('a token has a life of 1 to 21600 seconds, and none goes out through a proxy', async () => {
  const { call } = service();
  const put = async (headers: Record<string, string>) => (await call('PUT', '/latest/api/token', headers)).status;
  assert.equal(await put({}), 400);
  for (const ttl of ['0', '21601', '-1', 'x']) assert.equal(await put({ [TTL]: ttl }), 400, ttl);
  assert.equal(await put({ [TTL]: '21600' }), 200);
  assert.equal(await put({ [TTL]: '60', 'x-forwarded-for': '10.0.0.1' }), 403);
});

test('version 1 where tokens are optional, and nothing where the service is off', async () => {
  const { call } = service();
  const optional = record({ httpTokens: 'optional' });
  assert.equal((await call('GET', '/latest/meta-data/local-ipv4', {}, optional)).body, '172.31.0.4');
  assert.equal((await call('GET', '/latest/meta-data/local-ipv4', { [TOKEN]: 'bad' }, optional)).status, 401);
  assert.equal((await call('POST', '/latest/meta-data/', {}, optional)).status, 405);
  const off = record({ httpEndpoint: 'disabled' });
  assert.equal((await call('GET', '/latest/meta-data/', {}, off)).status, 403);
  assert.equal((await call('PUT', '/latest/api/token', { [TTL]: '60' }, off)).status, 403);
});

test('the tree', async () => {
  const { call, token } = service();
  const headers = { [TOKEN]: await token() };
  const get = async (path: string, of?: MetadataRecord) =>
    String((await call('GET', `/latest/${path}`, headers, of)).body);
  const status = async (path: string) => (await call('GET', `/latest/${path}`, headers)).status;
  assert.equal(await get('user-data'), '#!/bin/sh\n');
  assert.match(await get('meta-data/'), /^ami-id\n[^]*\nblock-device-mapping\/\n[^]*\niam\/\n/);
  assert.equal(await get('meta-data/hostname'), 'ip-172-31-0-4.ec2.internal');
  assert.equal(await get('meta-data/public-hostname'), 'ec2-198-18-0-1.compute-1.amazonaws.com');
  assert.equal(await get('meta-data/placement/availability-zone-id'), 'use1-az1');
  const mac = 'meta-data/network/interfaces/macs/0a:00:00:00:00:01';
  assert.equal(await get('meta-data/network/interfaces/macs/'), '0a:00:00:00:00:01/');
  assert.equal(await get(`${mac}/security-group-ids`), 'sg-1');
  assert.equal(await get(`${mac}/ipv4-associations/198.18.0.1`), '172.31.0.4');
  assert.equal(await get(`${mac}/subnet-ipv4-cidr-block`), '172.31.0.0/20');
  assert.equal(await get('meta-data/iam/security-credentials/'), 'app-role');
  assert.equal(await get('meta-data/iam/security-credentials/app-role'), '{"Code":"Success"}');
  assert.equal(JSON.parse(await get('meta-data/iam/info')).InstanceProfileId, 'AIPA');
  assert.equal(await get('meta-data/public-keys/'), '0=deploy');
  assert.equal(await get('meta-data/public-keys/0/openssh-key'), 'ssh-rsa AAAA deploy\n');
  const { instanceId, privateIp } = JSON.parse(await get('dynamic/instance-identity/document'));
  assert.deepEqual([instanceId, privateIp], ['i-1', '172.31.0.4']);
  assert.equal(await status('meta-data/tags/instance/Name'), 404);
  assert.equal(await get('meta-data/tags/instance/', record({ instanceMetadataTags: 'enabled' })), 'Name\nteam');
  for (const nothing of ['meta-data/none', 'meta-data/constructor', 'meta-data/ami-id/x', 'nothing']) {
    assert.equal(await status(nothing), 404, nothing);
  }
});

test('the notice of a Spot interruption is there from the notice on', async () => {
  const { call } = service();
  const get = (path: string, of: MetadataRecord) => call('GET', `/latest/meta-data/${path}`, {}, of);
  const spotWith = (spot: object): MetadataRecord => {
    const before = record({ httpTokens: 'optional' });
    return { ...before, row: { ...before.row, spot: { requestId: 'sir-1', type: 'persistent', ...spot } } };
  };
  const interruption = { noticedAt: 5000, at: 125_500 };
  const paths = ['spot/instance-action', 'spot/termination-time', 'events/recommendations/rebalance'];
  for (const path of paths) assert.equal((await get(path, spotWith({}))).status, 404, path);
  const bodies = async (of: MetadataRecord) =>
    Promise.all(paths.map(async (path) => String((await get(path, of)).body)));
  assert.deepEqual(await bodies(spotWith({ interruption })), [
    '{"action":"terminate","time":"1970-01-01T00:02:05Z"}',
    '1970-01-01T00:02:05Z',
    '{"noticeTime":"1970-01-01T00:00:05Z"}',
  ]);
  const stopping = spotWith({ interruption, behavior: 'stop' });
  assert.match((await bodies(stopping))[0] ?? '', /"action":"stop"/);
  assert.equal((await get('spot/termination-time', stopping)).status, 404);
  assert.equal((await get('spot/', stopping)).body, 'instance-action');
  assert.equal((await get('instance-life-cycle', stopping)).body, 'spot');
});

test('a connection is one request: no token comes after data', async (t) => {
  const { parts } = service();
  const answer = instanceMetadata({ ...parts, find: async () => record({ httpTokens: 'optional' }) });
  const server = createServer((req, res) => void answer(req, res, { vpcId: 'vpc-1', interfaceId: 'eni-1' }));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.on('data', (data) => (text += String(data)));
  const token = `PUT /latest/api/token HTTP/1.1\r\nHost: a\r\n${TTL}: 60\r\n\r\n`;
  socket.write(`GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: a\r\n\r\n${token}${token}`);
  await once(socket, 'close');
  assert.deepEqual([text.match(/HTTP\/1\.1 /g)?.length, text.endsWith('i-1')], [1, true]);
});
