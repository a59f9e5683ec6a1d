import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importProblems, importsOf } from './import-table.ts';
import type { SourceFile } from './import-table.ts';

const ROOT = join(import.meta.dirname, '..');

function sources(pattern: string): SourceFile[] {
  return globSync(pattern, { cwd: ROOT }).map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

test('imports point down: the table in import-table.ts is the architecture', () => {
  assert.deepEqual(importProblems(sources('src/**/*.ts')), []);
});

test('a planted bad import is found', () => {
  const planted = (path: string, text: string) => importProblems([{ path, text }]);
  assert.match(
    planted('src/kernel/a.ts', `import { x } from '../store/store.ts';`)[0] ?? '',
    /kernel may not import store/,
  );
  assert.match(planted('src/services/ecs/a.ts', `import { y } from '../ec2/index.ts';`)[0] ?? '', /use ctx\.call/);
  assert.match(
    planted('src/services/ecs/a.ts', `import { y } from '../../wire/router.ts';`)[0] ?? '',
    /may not import wire/,
  );
  assert.match(
    planted('src/services/ecs/a.ts', `import { Executor } from '../../executor/executor.ts';`)[0] ?? '',
    /types only of executor/,
  );
  assert.match(planted('src/store/a.ts', `export { z } from 'left-pad';`)[0] ?? '', /left-pad is not in/);
  assert.match(
    planted('src/store/a.ts', `const m = await import('../wire/router.ts');`)[0] ?? '',
    /may not import wire/,
  );
  assert.match(
    planted('src/store/a.ts', `import {\n  b,\n} from '../wire/router.ts';`)[0] ?? '',
    /may not import wire/,
  );
  assert.match(planted('src/store/a.ts', `import '../wire/router.ts';`)[0] ?? '', /may not import wire/);
  assert.match(planted('src/store/a.ts', `import { openTestService } from '../api/testing.ts';`)[0] ?? '', /test code/);
  assert.deepEqual(planted('src/services/ecs/a.ts', `import type { Executor } from '../../executor/executor.ts';`), []);
});

test('imports are told apart: types, values, re-exports, dynamic ones', () => {
  const text = `import type { A } from './a.ts';\nimport { type B } from './b.ts';\nimport { c, type D } from './c.ts';\nexport * from './e.ts';\ntype F = typeof import('./f.ts');`;
  assert.deepEqual(
    importsOf(text).map((one) => [one.specifier, one.typeOnly]),
    [
      ['./a.ts', true],
      ['./b.ts', true],
      ['./c.ts', false],
      ['./e.ts', false],
      ['./f.ts', true],
    ],
  );
});

test('no file of the repository names this machine, and no lockfile names a host', () => {
  const forbidden = ['resolved": "http'];
  for (const lock of sources('{package-lock.json,examples/*/package-lock.json}')) {
    for (const text of forbidden) assert.ok(!lock.text.includes(text), `${lock.path} has ${text}`);
  }
});

test('tests are milliseconds or say that they need the host: no skipped tests, no lone ones', () => {
  for (const file of sources('{src,test,scripts}/**/*.test.ts')) {
    if (file.path === 'scripts/tidy.test.ts') continue;
    assert.doesNotMatch(file.text, /\b(test|it|describe)\.(skip|only|todo)\b|\bskip:\s*true/, file.path);
  }
});
