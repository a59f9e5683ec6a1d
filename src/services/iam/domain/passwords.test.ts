import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds } from '../../../kernel/ids.ts';
import { hashPassword, isPassword, newSalt } from './password-hash.ts';
import { brokenRule, expiryOf } from './passwords.ts';

test('without a policy a password has 8 characters of three kinds', () => {
  assert.equal(brokenRule('abcDEF12', undefined), undefined);
  assert.equal(brokenRule('abc!ef12', undefined), undefined);
  assert.equal(brokenRule('aB3!', undefined), 'Password should have a minimum length of 8');
  assert.match(brokenRule('abcdef12', undefined) ?? '', /^Password should have at least three of/);
});

test('a policy asks for what it says, and for 6 characters where it says nothing', () => {
  assert.equal(brokenRule('abcdef', {}), undefined);
  assert.equal(brokenRule('abcde', {}), 'Password should have a minimum length of 6');
  const all = {
    MinimumPasswordLength: 10,
    RequireSymbols: true,
    RequireNumbers: true,
    RequireUppercaseCharacters: true,
    RequireLowercaseCharacters: true,
  };
  assert.equal(brokenRule('abcDEF123!', all), undefined);
  assert.match(brokenRule('abcdef123!', all) ?? '', /one uppercase letter$/);
  assert.match(brokenRule('ABCDEF123!', all) ?? '', /one lowercase letter$/);
  assert.match(brokenRule('abcDEFghi!', all) ?? '', /one number$/);
  assert.match(brokenRule('abcDEF1234', all) ?? '', /one symbol of ! @ #/);
  assert.match(brokenRule('aB1!', all) ?? '', /minimum length of 10$/);
});

test('passwords age in days, if they age', () => {
  assert.equal(expiryOf(1000, { MaxPasswordAge: 2 }), 1000 + 2 * 86_400_000);
  assert.equal(expiryOf(1000, {}), undefined);
  assert.equal(expiryOf(1000, undefined), undefined);
});

test('a hash knows its password and no other, and tells nothing of it', async () => {
  const ids = seededIds(1);
  const [one, two] = [await hashPassword('Secret-1', newSalt(ids)), await hashPassword('Secret-1', newSalt(ids))];
  assert.notEqual(one, two);
  assert.ok(!one.includes('Secret'));
  assert.equal(await isPassword('Secret-1', one), true);
  assert.equal(await isPassword('secret-1', one), false);
  assert.equal(await isPassword('Secret-1', 'x'), false);
});
