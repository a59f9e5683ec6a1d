import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { takeAddresses as take } from './address-blocks.ts';
import type { HostAddress } from './address-blocks.ts';
import { releaseClaims } from './host-claims.ts';

const takeAddresses = (
  config: Parameters<typeof take>[0],
  instanceId: string,
  claims: string,
  onHost: () => readonly HostAddress[] = () => [],
) => take(config, instanceId, claims, onHost);

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ls-blocks-'));
});
after(() => rm(root, { recursive: true, force: true }));

async function homeOf(name: string): Promise<{ home: string }> {
  const home = join(root, name);
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'instance'), `${name}\n`);
  return { home };
}

test('servers of one host get different blocks, each keeps its own, and what is reset or gone is free again', async () => {
  const claims = join(root, 'claims');
  const [a, b] = [await homeOf('aaaaaaaa'), await homeOf('bbbbbbbb')];
  const first = await takeAddresses(a, 'aaaaaaaa', claims);
  const second = await takeAddresses(b, 'bbbbbbbb', claims);
  assert.equal(first.publicCidr, '198.18.0.0/18');
  assert.equal(second.publicCidr, '198.18.64.0/18');
  assert.deepEqual(await takeAddresses(b, 'bbbbbbbb', claims), second);
  await releaseClaims('aaaaaaaa', claims);
  assert.deepEqual(await takeAddresses(b, 'bbbbbbbb', claims), second);
  const third = await homeOf('cccccccc');
  assert.deepEqual(await takeAddresses(third, 'cccccccc', claims), first);
  await rm(third.home, { recursive: true });
  assert.deepEqual(await takeAddresses(await homeOf('dddddddd'), 'dddddddd', claims), first);
  await assert.rejects(takeAddresses(a, 'aaaaaaaa', claims), /has taken 198\.18\.0\.0\/18, which this one had/);
});

test('a claim that was cut short is nobody’s, and a fifth server is told what to do', async () => {
  const claims = join(root, 'full');
  await mkdir(claims);
  await writeFile(join(claims, '198.18.0.0-18'), '{"ho');
  for (const name of ['11111111', '22222222', '33333333', '44444444'])
    await takeAddresses(await homeOf(name), name, claims);
  const fifth = await homeOf('55555555');
  await assert.rejects(takeAddresses(fifth, '55555555', claims), /--transit-cidr and --public-cidr/);
  const given = { transitCidr: '10.9.0.0/24', publicCidr: '10.10.0.0/24' };
  assert.deepEqual(await takeAddresses({ ...fifth, ...given }, '55555555', claims), given);
  await assert.rejects(takeAddresses({ ...fifth, publicCidr: '10.10.0.0/24' }, '55555555', claims), /go together/);
});

test('a block in which an interface of somebody else lies is passed over, and refused where it was asked for', async () => {
  const claims = join(root, 'strangers');
  const onHost = () => [{ interface: 'lsaaaaaaaa-0000', address: '198.19.0.1' }];
  const [own, other] = [await homeOf('aaaaaaaa'), await homeOf('eeeeeeee')];
  await rm(join(own.home, 'addresses.json'), { force: true });
  assert.equal((await takeAddresses(other, 'eeeeeeee', claims, onHost)).publicCidr, '198.18.64.0/18');
  assert.equal((await takeAddresses(own, 'aaaaaaaa', claims, onHost)).publicCidr, '198.18.0.0/18');
  const given = { transitCidr: '198.19.0.0/24', publicCidr: '198.18.0.0/24' };
  await assert.rejects(
    takeAddresses({ ...other, ...given }, 'eeeeeeee', claims, onHost),
    /The interface lsaaaaaaaa-0000 of this host has 198\.19\.0\.1/,
  );
});

test('of servers that start at once, each gets a block of its own, also where one was left behind', async () => {
  for (let round = 0; round < 5; round++) {
    const claims = join(root, `at-once-${round}`);
    await mkdir(claims);
    await writeFile(join(claims, '198.18.0.0-18'), JSON.stringify({ home: '/nowhere', instanceId: 'deadbeef' }));
    const names = ['a', 'b', 'c', 'd'].map((letter) => `${letter}${round}`.padEnd(8, '0'));
    const homes = await Promise.all(names.map(homeOf));
    const taken = await Promise.all(homes.map((home, index) => takeAddresses(home, names[index] ?? '', claims)));
    assert.equal(new Set(taken.map(({ publicCidr }) => publicCidr)).size, 4);
  }
});
