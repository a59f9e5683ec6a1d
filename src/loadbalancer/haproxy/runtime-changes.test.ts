import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupOf } from '../testing.ts';
import { serverEntries } from './backends.ts';
import { adjustMaps, cutCommands, parseMap, serverCommands, servesAll } from './runtime-changes.ts';
import { parseServerStates } from './server-state.ts';

const A = '10.0.0.1:80';
const target = (ip: string, draining = false) => ({ ip, port: 80, draining });
const wanted = (...targets: ReturnType<typeof target>[]) => serverEntries(groupOf({ targets }));
const state = (backend: string, name: string, admin: number, weight: number) =>
  `3 ${backend} 1 ${name} 10.0.0.1 2 ${admin} ${weight} 1 4 15 3 3 6 0 0 0 - 80 - 0 0 - - 0`;
const states = (...lines: string[]) => parseServerStates(lines.join('\n'));

test('a new target is added to both sections, and waits for its checks', () => {
  assert.deepEqual(serverCommands(wanted(target('10.0.0.1')), []), [
    `add server tg_web/${A} ${A} check inter 30000ms rise 5 fall 2 port 80`,
    `set server tg_web/${A} state drain`,
    `enable health tg_web/${A}`,
    `set server tg_web/${A} health up`,
    `add server open_web/${A} ${A}`,
  ]);
});

test('what is as it should be is left alone; what drains and what is gone is told so', () => {
  const known = states(state('tg_web', A, 0, 1), state('open_web', A, 0, 1));
  assert.deepEqual(serverCommands(wanted(target('10.0.0.1')), known), []);
  assert.ok(servesAll(wanted(target('10.0.0.1')), known));
  const draining = wanted(target('10.0.0.1', true));
  assert.deepEqual(serverCommands(draining, known), [
    `set server tg_web/${A} weight 0`,
    `set server open_web/${A} state maint`,
    `del server open_web/${A}`,
  ]);
  assert.ok(!servesAll(draining, known));
  assert.deepEqual(serverCommands([], states(state('tg_web', A, 1, 0))), [`del server tg_web/${A}`]);
  assert.deepEqual(serverCommands([], states(state('tg_web', A, 1, 0)), { cut: ['tg_web'] }), [
    `shutdown sessions server tg_web/${A}`,
    `del server tg_web/${A}`,
  ]);
  assert.deepEqual(serverCommands([], states(state('tg_web', A, 0, 1)), { kept: [`tg_web/${A}`] }), [
    `set server tg_web/${A} weight 0`,
  ]);
});

test('what has drained loses its requests, in the group that is still there', () => {
  const drained = states(state('tg_web', A, 0, 0), state('open_web', A, 1, 1));
  const cutDrained = ['tg_web', 'open_web'];
  const shutdown = [`shutdown sessions server tg_web/${A}`, `shutdown sessions server open_web/${A}`];
  assert.deepEqual(cutCommands([], drained, { cutDrained }), shutdown);
  assert.deepEqual(cutCommands(wanted(target('10.0.0.1')), drained, { cutDrained }), []);
  assert.deepEqual(cutCommands([], drained, { cutDrained: ['tg_other'] }), []);
  const removed = states(state('tg_web', A, 0, 1), state('open_web', A, 0, 1));
  assert.deepEqual(cutCommands([], removed, { cutDrained }), []);
});

test('servers that are no targets, like the edge’s, are left alone', () => {
  assert.deepEqual(serverCommands([], states(state('to_l443', 'listener', 0, 1))), []);
});

test('one that was gone with requests still open, or that drained, waits for its checks again', () => {
  const again = wanted(target('10.0.0.1'));
  const waiting = [
    `set server tg_web/${A} state drain`,
    `enable health tg_web/${A}`,
    `set server tg_web/${A} health up`,
  ];
  const left = states(state('tg_web', A, 1, 1), state('open_web', A, 1, 1));
  assert.deepEqual(serverCommands(again, left), waiting);
  const drained = states(state('tg_web', A, 0, 0), state('open_web', A, 1, 1));
  assert.deepEqual(serverCommands(again, drained), [`set server tg_web/${A} weight 1`, ...waiting]);
});

test('a map is replaced as a whole, and only when it is another', async () => {
  const asked: string[] = [];
  const ask = async (command: string) => {
    asked.push(command);
    if (command.startsWith('show')) return '0x7f01 0:999999 blue\n\n';
    return command.startsWith('prepare') ? 'New version created: 4\n' : '';
  };
  await adjustMaps(ask, [{ path: '/w.map', entries: [['0:999999', 'blue']] }]);
  assert.deepEqual(asked.splice(0), ['show map /w.map']);
  await adjustMaps(ask, [{ path: '/w.map', entries: [['0:999999', 'green']] }]);
  assert.deepEqual(asked.slice(1), ['prepare map /w.map', 'add map @4 /w.map 0:999999 green', 'commit map @4 /w.map']);
  assert.deepEqual(parseMap('0x1 a b\n0x2 c d\n\n'), [
    ['a', 'b'],
    ['c', 'd'],
  ]);
});
