import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statementPositions } from './statement-positions.ts';

const STATEMENT = { Effect: 'Allow', Action: '*', Resource: '*' };
const place = (line: number, column: number) => ({ line, column });

test('a statement begins after its bracket and ends after its brace', () => {
  const policy = { Version: '2012-10-17', Statement: [STATEMENT] };
  assert.deepEqual(statementPositions(JSON.stringify(policy, undefined, 2)), [
    { start: place(3, 17), end: place(8, 6) },
  ]);
  assert.deepEqual(statementPositions(JSON.stringify(policy)), [{ start: place(1, 38), end: place(1, 84) }]);
});

test('the next begins after the comma', () => {
  const policy = { Statement: [STATEMENT, { ...STATEMENT, Sid: 'a "}, {" b' }], Version: '2012-10-17' };
  assert.deepEqual(statementPositions(JSON.stringify(policy)), [
    { start: place(1, 15), end: place(1, 61) },
    { start: place(1, 62), end: place(1, 129) },
  ]);
});

test('a single statement needs no list, and other members may come first', () => {
  const text =
    '{ "Id": "a\\"b", "Version" : "2012-10-17", "Nested": {"Statement": [1, 2]},\n"Statement": {"Effect":"Allow"} }';
  assert.deepEqual(statementPositions(text), [{ start: place(2, 13), end: place(2, 32) }]);
  assert.deepEqual(statementPositions('{"Statement":[]}'), []);
  assert.deepEqual(statementPositions('{}'), []);
});
