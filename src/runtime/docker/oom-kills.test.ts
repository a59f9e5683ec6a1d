import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OomKills } from './oom-kills.ts';

const ID = 'cb16f4aa48d20f9e821097b9ca9907450cf28dfdb460fa618c3a72ee81d8c510';
const kill = (group: string, sequence = 5309) =>
  `6,${sequence},69252987335,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=${ID},mems_allowed=0,` +
  `oom_memcg=/longshore/a1/t1,task_memcg=${group},task=tail,pid=7474,uid=0\n`;
const saysOf = (...records: string[]) => new OomKills(() => records).has(ID, 'first');

test('a killed process is of the container whose group it was in, whatever drives the groups', () => {
  assert.equal(saysOf('6,1,2,-;Linux version 6.1', kill(`/longshore/a1/t1/${ID}`)), true);
  assert.equal(saysOf(kill(`/longshore.slice/longshore-t1.slice/docker-${ID}.scope`)), true);
  assert.equal(saysOf(kill(`/docker/${ID}/below`)), true);
});

test('another group, and lines of another kind, say nothing of it', () => {
  assert.equal(saysOf(), false);
  assert.equal(saysOf(kill(`/docker/${ID.replace('c', 'd')}`), kill('/docker')), false);
  assert.equal(saysOf(`4,1,2,-;Memory cgroup stats for /docker/${ID}: anon 1,task_memcg=/docker/${ID}`), false);
});

test('a kill counts for the run that it ended, though the log is overwritten, and for no other', () => {
  let records = [kill(`/docker/${ID}`, 1)];
  const kills = new OomKills(() => records);
  assert.equal(kills.has(ID, 'first'), true);
  assert.equal(kills.has(ID, 'second'), false);
  records = [kill(`/docker/${ID}`, 1), kill(`/docker/${ID}`, 2)];
  assert.equal(kills.has(ID, 'third'), true);
  records = [];
  assert.equal(kills.has(ID, 'third'), true);
  kills.forget(ID);
  assert.equal(kills.has(ID, 'third'), false);
});

test('a kill of a run that nobody asked about does not count for the next one', () => {
  const records = [kill(`/docker/${ID}`, 1), '6,2,2,-;another'];
  const kills = new OomKills(() => records);
  kills.started(ID, kills.position());
  assert.equal(kills.has(ID, 'second'), false);
  const position = kills.position();
  records.push(kill(`/docker/${ID}`, 3));
  kills.started(ID, position);
  assert.equal(kills.has(ID, 'third'), true);
});

test('what a run was killed of is known though the log was read before, and overwritten', () => {
  const records = [[kill(`/docker/${ID}`)], []];
  const kills = new OomKills(() => records.shift() ?? []);
  assert.equal(kills.position(), 5309);
  assert.equal(kills.has(ID, 'first'), true);
});
