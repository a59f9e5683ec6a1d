import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { decode, encode } from 'dns-packet';
import { cliOf, type Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { until } from '../harness/until.ts';

/* Routing by place: as Debian's aws CLI makes and tests it, and as resolvers hear it that name a client subnet. */

const [TOKYO, OREGON, VIENNA] = ['203.0.113.7', '203.0.113.70', '2001:db8::7'];
const LOCATIONS = [
  { cidr: '203.0.113.0/26', region: 'ap-northeast-1' },
  { cidr: '203.0.113.64/26', region: 'us-west-2' },
  { cidr: '2001:db8::/32', region: 'eu-central-1', country: 'AT' },
];

let folder: string;
let server: Longshore;
let aws: Cli;
let dnsPort: number;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-places-'));
  const file = join(folder, 'locations.json');
  await writeFile(file, JSON.stringify(LOCATIONS));
  server = await Longshore.start({ args: ['--client-locations', file] });
  aws = cliOf(server);
  dnsPort = JSON.parse(await server.file('ports.json')).dnsPort;
});
after(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

async function makeZone(name: string): Promise<string> {
  const line = `route53 create-hosted-zone --name ${name} --caller-reference ${name}`;
  return (await aws(line)).HostedZone.Id.replace('/hostedzone/', '');
}

const set = (Name: string, value: string, more: object) => ({
  Name,
  Type: 'A',
  TTL: 1,
  SetIdentifier: value,
  ResourceRecords: [{ Value: value }],
  ...more,
});

const changes = (...sets: readonly object[]) =>
  JSON.stringify({ Changes: sets.map((ResourceRecordSet) => ({ Action: 'CREATE', ResourceRecordSet })) });
const changeIn = (zone: string) => `route53 change-resource-record-sets --hosted-zone-id ${zone} --change-batch`;

/** What a resolver hears for a client of its: the addresses, and for how many bits of the client's they hold. */
async function ask(name: string, client?: string): Promise<{ values: string; scope: number | undefined }> {
  const isSix = client?.includes(':');
  const subnet = { code: 8 as const, family: isSix ? 2 : 1, ip: client ?? '', sourcePrefixLength: isSix ? 56 : 32 };
  const opt = { type: 'OPT', name: '.', udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 0, flags: 0 } as const;
  const options = client === undefined ? [] : [subnet];
  const query = encode({
    type: 'query',
    id: 1,
    questions: [{ name, type: 'A' }],
    additionals: [{ ...opt, flag_do: false, options }],
  });
  const socket = createSocket('udp4');
  try {
    socket.send(query, dnsPort, '127.0.0.1');
    const [message] = await once(socket, 'message', { signal: AbortSignal.timeout(10_000) });
    const { answers = [], additionals = [] } = decode(message);
    const [told] = additionals.flatMap((one) => (one.type === 'OPT' ? one.options : []));
    return {
      values: answers.map((one) => ('data' in one && typeof one.data === 'string' ? one.data : '')).join(),
      scope: told?.code === 8 ? told.scopePrefixLength : undefined,
    };
  } finally {
    socket.close();
  }
}

describe('routing by place', { concurrency: 3 }, () => {
  test('latency: each client hears its nearest Region', async () => {
    const zone = await makeZone('latency.test');
    const www = (value: string, Region: string) => set('www.latency.test', value, { Region });
    const { ChangeInfo } = await aws(
      changeIn(zone),
      changes(www('192.0.2.1', 'us-east-1'), www('192.0.2.2', 'eu-west-1'), www('192.0.2.3', 'ap-south-1')),
    );
    await aws(`route53 wait resource-record-sets-changed --id ${ChangeInfo.Id}`);
    await until('the name resolves', async () => (await ask('www.latency.test')).values !== '');
    assert.deepEqual(await ask('www.latency.test'), { values: '192.0.2.1', scope: undefined });
    assert.deepEqual(await ask('www.latency.test', OREGON), { values: '192.0.2.1', scope: 32 });
    assert.deepEqual(await ask('www.latency.test', VIENNA), { values: '192.0.2.2', scope: 56 });
    assert.deepEqual(await ask('www.latency.test', TOKYO), { values: '192.0.2.3', scope: 32 });
    const test = `route53 test-dns-answer --hosted-zone-id ${zone} --record-name www.latency.test --record-type A`;
    const tested = async (more: string) => (await aws(`${test} ${more}`)).RecordData.join();
    assert.equal(await tested(`--resolver-ip ${TOKYO}`), '192.0.2.3');
    const subnet = `--edns0-client-subnet-ip ${VIENNA} --edns0-client-subnet-mask 56`;
    assert.equal(await tested(`--resolver-ip ${TOKYO} ${subnet}`), '192.0.2.2');
    assert.equal(
      await aws.refused(changeIn(zone), changes(www('192.0.2.4', 'eu-west-1'))),
      'InvalidChangeBatch: [RRSet with DNS name www.latency.test., type A, SetIdentifier 192.0.2.4, and Region Name=eu-west-1 cannot be created because a latency RRSet with the same name, type and region already exists.]',
    );
  });

  test('geolocation: the smallest place around a client, else the default', async () => {
    const zone = await makeZone('places.test');
    const www = (value: string, GeoLocation: object) => set('www.places.test', value, { GeoLocation });
    await aws(
      changeIn(zone),
      changes(
        www('192.0.2.1', { CountryCode: 'US', SubdivisionCode: 'OR' }),
        www('192.0.2.2', { ContinentCode: 'EU' }),
        www('192.0.2.3', { CountryCode: 'AT' }),
        www('192.0.2.4', { CountryCode: '*' }),
      ),
    );
    await until('the name resolves', async () => (await ask('www.places.test')).values !== '');
    const heard = await Promise.all([OREGON, VIENNA, TOKYO].map((client) => ask('www.places.test', client)));
    assert.deepEqual(
      heard.map(({ values }) => values),
      ['192.0.2.1', '192.0.2.3', '192.0.2.4'],
    );
    const listed = `route53 list-resource-record-sets --hosted-zone-id ${zone} --query`;
    assert.deepEqual(await aws(listed, 'ResourceRecordSets[?GeoLocation].GeoLocation.[ContinentCode,CountryCode]'), [
      [null, 'US'],
      ['EU', null],
      [null, 'AT'],
      [null, '*'],
    ]);
    const both = www('192.0.2.5', { ContinentCode: 'EU', CountryCode: 'DE' });
    assert.match(
      await aws.refused(changeIn(zone), changes(both)),
      /^InvalidInput: .*ContinentCode cannot be specified/,
    );
  });

  test('the places that there are', async () => {
    const { GeoLocationDetails } = await aws('route53 get-geo-location --country-code US --subdivision-code OR');
    assert.deepEqual([GeoLocationDetails.CountryName, GeoLocationDetails.SubdivisionName], ['United States', 'Oregon']);
    assert.equal(await aws.code('route53 get-geo-location --country-code XX'), 'NoSuchGeoLocation');
    const page = await aws('route53 list-geo-locations --start-country-code US --max-items 2');
    assert.deepEqual(
      page.GeoLocationDetailsList.map((one: any) => one.SubdivisionCode),
      [undefined, 'AK'],
    );
    assert.deepEqual([page.IsTruncated, page.NextCountryCode, page.NextSubdivisionCode], [true, 'US', 'AL']);
  });
});
