import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closed, isInside, opened, remaining } from './windows.ts';

test('a window holds what came in it, and the request that closed it', () => {
  const twice = opened(closed(opened([], 10), 20, 'stop-1'), 30);
  assert.deepEqual(
    [9, 10, 20, 21, 30, 1e12].map((ms) => isInside(twice, ms, 'any')),
    [false, true, true, false, true, true],
  );
  assert.equal(isInside(twice, 25, 'stop-1'), true);
});

test('opening what is open and closing what is closed changes nothing', () => {
  const open = opened([], 10);
  assert.deepEqual(opened(open, 15), open);
  const shut = closed(open, 20, 'a');
  assert.deepEqual(closed(shut, 30, 'b'), shut);
  assert.deepEqual(remaining(opened(shut, 40), 20), [{ fromMs: 40 }]);
  assert.deepEqual(remaining(shut, 19), shut);
});
