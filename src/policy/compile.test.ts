import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePolicy } from './compile.ts';
import { policyText } from './testing.ts';

/** Which statements are about an action, by position. */
function about(action: string, ...statements: object[]): number[] {
  const text = policyText({ Version: '2012-10-17', Statement: statements.map((one) => ({ Effect: 'Allow', ...one })) });
  return compilePolicy(text)
    .about(action)
    .map(({ index }) => index);
}

test('actions match in any case, with wildcards on either side of the colon', () => {
  assert.deepEqual(about('ecs:RunTask', { Action: 'ECS:runtask' }), [0]);
  assert.deepEqual(about('ECS:RUNTASK', { Action: 'ecs:RunTask' }), [0]);
  assert.deepEqual(
    about(
      'ecs:RunTask',
      ...['*', '*:*', 'ecs:*', 'ecs:Run*', 'ecs:*Task', 'ecs:R?nTask', 'e*:Run*'].map((Action) => ({ Action })),
    ),
    [0, 1, 2, 3, 4, 5, 6],
  );
  assert.deepEqual(
    about(
      'ecs:RunTask',
      ...['ecr:*', 'ecs:Run', 'ecs', 'ecs*', 'ecs:RunTask?', '*:RunTasks', ''].map((Action) => ({ Action })),
    ),
    [],
  );
});

test('NotAction is about every other action', () => {
  assert.deepEqual(
    about('ecs:RunTask', { NotAction: ['s3:*', 'ecs:Stop*'] }, { NotAction: ['s3:*', 'ecs:Run*'] }),
    [0],
  );
});

test('the same text is compiled once', () => {
  const text = policyText({ Effect: 'Allow', Action: 'ecs:*', Resource: '*' });
  assert.equal(compilePolicy(text), compilePolicy(`${text} `.trimEnd()));
  assert.notEqual(compilePolicy(text), compilePolicy(`${text} `));
});

test('keeps the latest texts only', () => {
  const text = policyText({ Effect: 'Allow', Action: 'ecs:*', Resource: '*' });
  const first = compilePolicy(text);
  const often = compilePolicy(`${text}\n`);
  for (let index = 1; index <= 2500; index++) {
    compilePolicy(text + ' '.repeat(index));
    assert.equal(compilePolicy(`${text}\n`), often);
  }
  assert.notEqual(compilePolicy(text), first);
});

test('tells every key that it asks for, in lower case', () => {
  const Statement = {
    Effect: 'Allow',
    Action: '*',
    Resource: "arn:aws:s3:::${aws:PrincipalTag/Team, 'none'}/*",
    Condition: { StringEquals: { 'ecs:Cluster': ['${aws:userid}', '${*}'] }, Null: { 'aws:TagKeys': 'true' } },
  };
  const keys = (Version: string) => [...compilePolicy(JSON.stringify({ Version, Statement })).keys].toSorted();
  assert.deepEqual(keys('2012-10-17'), ['aws:principaltag/team', 'aws:tagkeys', 'aws:userid', 'ecs:cluster']);
  assert.deepEqual(keys('2008-10-17'), ['aws:tagkeys', 'ecs:cluster']);
});

test('refuses what is no policy', () => {
  for (const text of ['', '[]', '{"Statement":[1]}', '{"Statement":{"Effect":"allow"}}']) {
    assert.throws(() => compilePolicy(text), SyntaxError);
  }
});
