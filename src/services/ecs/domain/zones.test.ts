import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movesInto, movesToBalance, nextSubnet, zoneList, zoneOf } from './zones.ts';

const NETWORK = {
  subnets: ['s1', 's2', 's3'],
  securityGroups: [],
  assignPublicIp: false,
  zones: { s1: 'a', s2: 'b', s3: 'b' },
};
const placed = (...subnets: string[]) => subnets.map((subnetId) => ({ subnetId }));

test('the next task goes to the zone with the fewest, and there to the subnet with the fewest', () => {
  const subnets: string[] = [];
  for (let i = 0; i < 6; i++) subnets.push(nextSubnet(NETWORK, placed(...subnets)));
  assert.deepEqual(subnets, ['s1', 's2', 's3', 's1', 's2', 's1']);
});

test('a subnet whose zone is not known is one of its own', () => {
  const { zones: _zones, ...network } = NETWORK;
  assert.equal(zoneOf(network, 's3'), 's3');
  assert.equal(nextSubnet(network, placed('s1', 's2')), 's3');
});

test('as many tasks move as make the zones even, of those that can', () => {
  const moves = (subnets: string[], movable = subnets) =>
    movesToBalance(NETWORK, placed(...subnets), placed(...movable));
  assert.deepEqual([moves([]), moves(['s1']), moves(['s1', 's1']), moves(['s2', 's3'])], [0, 0, 1, 1]);
  assert.deepEqual([moves(['s1', 's1', 's1', 's1']), moves(['s1', 's1', 's1'], ['s1'])], [2, 1]);
  assert.equal(moves(['s1', 's1', 's1', 's1'], []), 0);
});

test('zones are listed as ECS lists them', () => {
  assert.equal(zoneList(NETWORK, placed('s1', 's1', 's3')), '2 tasks in a and 1 tasks in b');
  const three = { ...NETWORK, zones: { s1: 'a', s2: 'b', s3: 'c' } };
  assert.equal(zoneList(three, placed('s1')), '1 tasks in a, 0 tasks in b, and 0 tasks in c');
});

test('tasks on instances move to where the next would be placed, while that evens their zones out', () => {
  const inZones = (zones: string) => zones.split('').map((availabilityZone) => ({ availabilityZone }));
  const moves = (room: string, tasks: string, movable = tasks) =>
    movesInto(room.split(''), inZones(tasks), inZones(movable)).join('');
  assert.equal(moves('bbbb', 'aaaa'), 'bb');
  assert.equal(moves('bcbc', 'aaaaaa'), 'bcbc');
  assert.equal(moves('bcb', 'aaaa'), 'bc');
  assert.equal(moves('b', 'aab'), '');
  assert.equal(moves('a', 'aaab'), '', 'there is no room in the emptier zone');
  assert.equal(moves('bb', 'aaaa', 'a'), 'b', 'the others are protected');
  assert.equal(moves('bb', 'aaaa', ''), '');
  assert.equal(moves('', 'aaaa'), '');
});
