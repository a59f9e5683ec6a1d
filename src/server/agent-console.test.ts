import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentConsole } from './agent-console.ts';

test('the last hundred lines are kept, none of them longer than a thousand characters', () => {
  const console = new AgentConsole();
  assert.equal(console.say('i-1', 'x'.repeat(1_000_000)), true);
  assert.equal(console.say('i-1', 'x'.repeat(2_000_000)), false, 'the same as before');
  assert.equal(console.linesOf('i-1')[0]?.length, 1000);
  for (let line = 0; line < 200; line++) console.say('i-1', String(line));
  assert.deepEqual([console.linesOf('i-1').length, console.linesOf('i-1')[0]], [100, '100']);
  console.forget('i-1');
  assert.deepEqual(console.linesOf('i-1'), []);
});
