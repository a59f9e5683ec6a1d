import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextEntries, cut, indented } from './policy.ts';

const DOCUMENT = `{
  "Statement": [
    { "Sid": "A" }, {
      "Sid": "B",
      "Action": [
        "x"
      ]
    }
  ]
}`;

test('a statement is cut out of its document by line and column, both from 1', () => {
  assert.equal(cut(DOCUMENT, { Line: 3, Column: 5 }, { Line: 3, Column: 19 }), '{ "Sid": "A" }');
  assert.equal(
    cut(DOCUMENT, { Line: 3, Column: 21 }, { Line: 8, Column: 6 }),
    '{\n      "Sid": "B",\n      "Action": [\n        "x"\n      ]\n    }',
  );
  assert.equal(cut('{"Statement":{"Sid":"A"}}', { Line: 1, Column: 14 }, { Line: 1, Column: 25 }), '{"Sid":"A"}');
  assert.equal(cut(DOCUMENT, undefined, { Line: 3, Column: 1 }), undefined);
});

test('it is shown four spaces in, however deep it stood, whether its first line was cut or not', () => {
  assert.deepEqual(indented('      {\n        "Sid": "B"\n      }'), ['    {', '      "Sid": "B"', '    }']);
  assert.deepEqual(indented('{\n      "Sid": "B",\n\n      "Action": "x"\n    }'), [
    '    {',
    '      "Sid": "B",',
    '      "Action": "x"',
    '    }',
  ]);
});

test('a context key that is given twice has both values', () => {
  assert.deepEqual(
    contextEntries([
      ['ecs:cluster', 'a'],
      ['aws:TagKeys', 'x'],
      ['aws:tagkeys', 'y'],
    ]),
    [
      { ContextKeyName: 'ecs:cluster', ContextKeyType: 'string', ContextKeyValues: ['a'] },
      { ContextKeyName: 'aws:TagKeys', ContextKeyType: 'stringList', ContextKeyValues: ['x', 'y'] },
    ],
  );
});
