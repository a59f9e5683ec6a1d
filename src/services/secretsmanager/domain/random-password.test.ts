import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds } from '../../../kernel/ids.ts';
import { randomPassword } from './random-password.ts';

const draw = (input: Parameters<typeof randomPassword>[0], seed = 1) => randomPassword(input, seededIds(seed));

test('32 characters with one of each type, and another every time', () => {
  const found = new Set(Array.from({ length: 50 }, (_, seed) => draw({}, seed)));
  assert.equal(found.size, 50);
  for (const password of found) {
    assert.equal(password.length, 32);
    for (const type of [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9 ]/]) assert.match(password, type);
    assert.ok(!password.includes(' '));
  }
});

test('types and characters that are excluded are not in it', () => {
  const digits = { ExcludeLowercase: true, ExcludeUppercase: true, ExcludePunctuation: true };
  assert.match(draw({ ...digits, PasswordLength: 4096 }), /^\d{4096}$/);
  assert.match(draw({ ...digits, ExcludeCharacters: '012345678' }), /^9{32}$/);
  assert.match(draw({ ...digits, ExcludeNumbers: true, IncludeSpace: true, PasswordLength: 3 }), /^ {3}$/);
  assert.match(draw({ PasswordLength: 1, RequireEachIncludedType: false }), /^.$/);
});

test('what cannot be is refused', () => {
  assert.throws(() => draw({ PasswordLength: 3 }), /The password length is too short based on the required types\./);
  assert.throws(() => draw({ PasswordLength: 0 }), /'0' at 'passwordLength' .* greater than or equal to 1/);
  assert.throws(() => draw({ PasswordLength: 4097 }), /'4097' at 'passwordLength' .* less than or equal to 4096/);
  assert.throws(() => draw({ ExcludeCharacters: 'x'.repeat(4097) }), /'excludeCharacters'/);
  const nothing = { ExcludeLowercase: true, ExcludeUppercase: true, ExcludePunctuation: true, ExcludeNumbers: true };
  assert.throws(() => draw(nothing), /All character types were excluded/);
});
