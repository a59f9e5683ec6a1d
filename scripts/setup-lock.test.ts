import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Lock, completeLock, platformOf } from './setup-lock.ts';

/** A lock whose one package wants something optional that is not in it. */
function lockWanting(name: string, version: string): Lock {
  return { packages: { a: { optionalDependencies: { [name]: version } } } };
}

const ROOT = join(import.meta.dirname, '..');

test('a name tells its platform', () => {
  assert.deepEqual(platformOf('@oxfmt/binding-linux-x64-musl'), { cpu: ['x64'], libc: ['musl'], os: ['linux'] });
  assert.deepEqual(platformOf('@oxlint/binding-linux-arm-gnueabihf'), { cpu: ['arm'], libc: ['glibc'], os: ['linux'] });
  assert.deepEqual(platformOf('@oxlint-tsgolint/win32-arm64'), { cpu: ['arm64'], os: ['win32'] });
  assert.deepEqual(platformOf('left-pad'), {});
});

test('what is missing is added once, and nothing else changes', () => {
  const lock: Lock = {
    packages: {
      'node_modules/tool': {
        version: '2.0.0',
        dev: true,
        optionalDependencies: { 'tool-linux-x64': '2.0.0', 'tool-darwin-arm64': '2.0.0' },
      },
      'node_modules/tool-linux-x64': { version: '2.0.0', optional: true },
    },
  };
  const { lock: complete, added } = completeLock(lock);
  assert.deepEqual(added, ['tool-darwin-arm64']);
  assert.deepEqual(complete.packages['node_modules/tool-darwin-arm64'], {
    version: '2.0.0',
    cpu: ['arm64'],
    dev: true,
    optional: true,
    os: ['darwin'],
  });
  assert.deepEqual(completeLock(complete), { lock: complete, added: [] });
});

test('a range, or a name without a platform, is refused', () => {
  assert.throws(() => completeLock(lockWanting('a-linux-x64', '^1.0.0')), /no exact version/);
  assert.throws(() => completeLock(lockWanting('fsevents', '2.3.3')), /no platform/);
});

for (const folder of ['.', 'examples/hello-site']) {
  test(`the lock of ${folder} is complete and names no registry`, () => {
    const text = readFileSync(join(ROOT, folder, 'package-lock.json'), 'utf8');
    assert.deepEqual(completeLock(JSON.parse(text) as Lock).added, [], 'run: node scripts/setup-lock.ts');
    assert.ok(!text.includes('"resolved"'));
  });
}
