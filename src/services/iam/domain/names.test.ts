import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLength, checkName, checkPath, checkPathPrefix } from './names.ts';

const CHARACTERS = 'It must contain only alphanumeric characters and/or the following: +=,.@_-';

test('names hold letters, digits and +=,.@_-', () => {
  assert.equal(checkName('user', 'a+b=c,d.e@f_g-1'), 'a+b=c,d.e@f_g-1');
  for (const bad of ['', 'a b', 'a/b', 'a*', 'é', 'a\n']) {
    assert.throws(() => checkName('user', bad), {
      code: 'ValidationError',
      message: `The specified value for userName is invalid. ${CHARACTERS}`,
    });
  }
});

test('names are as long as AWS lets them be, and the member is named', () => {
  checkName('role', 'r'.repeat(64));
  checkName('policy', 'p'.repeat(128));
  assert.throws(() => checkName('role', 'r'.repeat(65)), {
    message: `1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64`,
  });
  assert.throws(() => checkName('instanceProfile', 'i'.repeat(129)), /at 'instanceProfileName'/);
  assert.throws(() => checkName('user', 'a b', 'newUserName'), /value for newUserName is invalid/);
});

test('a path begins and ends with a slash', () => {
  assert.equal(checkPath(undefined), '/');
  assert.equal(checkPath('/'), '/');
  assert.equal(checkPath('/team/a/'), '/team/a/');
  for (const bad of ['', 'team', '/team', 'team/', '/a b/']) {
    assert.throws(() => checkPath(bad), {
      code: 'ValidationError',
      message:
        'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    });
  }
  assert.throws(() => checkPath(`/${'a'.repeat(511)}/`), /at 'path' .* less than or equal to 512$/);
});

test("a list's prefix begins with a slash", () => {
  assert.equal(checkPathPrefix(undefined), '/');
  assert.equal(checkPathPrefix('/te'), '/te');
  assert.throws(() => checkPathPrefix('te'), {
    code: 'ValidationError',
    message:
      'The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric characters and/or / characters.',
  });
});

test('text can be too short as well', () => {
  assert.throws(() => checkLength('ab', 'accountAlias', 63, 3), /greater than or equal to 3$/);
});
