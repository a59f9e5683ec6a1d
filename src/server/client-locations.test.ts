import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { clientPlaces } from '../services/route53/index.ts';
import { readClientLocations } from './client-locations.ts';

let folder: string;
before(async () => (folder = await mkdtemp(join(tmpdir(), 'ls-'))));
after(() => rm(folder, { recursive: true }));

async function read(content: unknown) {
  const path = join(folder, 'locations.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readClientLocations(path);
}

test('clients are where the longest block says, else in the Region of their VPC, else where the server is', async () => {
  const places = clientPlaces(
    'eu-west-1',
    await read([
      { cidr: '203.0.113.0/24', region: 'ap-northeast-1' },
      {
        cidr: '203.0.113.64/26',
        region: 'us-west-2',
        country: 'US',
        subdivision: 'WA',
        latitude: 47.6,
        longitude: -122,
      },
      { cidr: '2001:db8::/32', region: 'eu-central-1', country: 'AT' },
    ]),
  );
  const seen = (address?: string, region?: string) => {
    const { continent, country, subdivision } = places.of(address, region);
    return [continent, country, subdivision].join(' ').trim();
  };
  assert.equal(seen('203.0.113.1'), 'AS JP');
  assert.equal(seen('203.0.113.65', 'sa-east-1'), 'NA US WA');
  assert.deepEqual(places.of('203.0.113.65', undefined).coordinates, { latitude: 47.6, longitude: -122 });
  assert.equal(seen('2001:db8::1'), 'EU AT');
  assert.equal(seen('198.51.100.1', 'us-west-1'), 'NA US CA');
  assert.equal(seen('198.51.100.1'), 'EU IE');
  assert.equal(seen(), 'EU IE');
  assert.equal(seen(undefined, 'xx-new-1'), 'NA US VA');
});

test('what is wrong with the file is said', async () => {
  const cidr = '203.0.113.0/24';
  const cases: readonly (readonly [unknown, RegExp])[] = [
    ['{', /--client-locations cannot be read/],
    [{}, /must hold a JSON list/],
    [[7], /location 1 must be an object/],
    [[{ cidr, place: 'here' }], /place is not known/],
    [[{ cidr: '203.0.113.0/33', region: 'eu-west-1' }], /cidr must be a block/],
    [[{ cidr, region: 'mars-1' }], /mars-1 is no Region/],
    [[{ cidr, region: 'eu-west-1', country: 'XX' }], /XX is no country/],
    [[{ cidr, region: 'eu-west-1', subdivision: 'CA' }], /CA is no subdivision of IE/],
    [[{ cidr, region: 'eu-west-1', latitude: 1 }], /must both be degrees/],
    [[{ cidr, region: 7 }], /region must be a text/],
  ];
  for (const [content, message] of cases) await assert.rejects(read(content), message);
});
