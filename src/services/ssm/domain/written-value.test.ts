import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParameterVersion } from '../tables.ts';
import { writtenVersion } from './written-value.ts';

const text = { Value: 'x', Type: 'String' };
const advanced: ParameterVersion = {
  version: 1,
  type: 'SecureString',
  tier: 'Advanced',
  dataType: 'text',
  value: { sealed: '' },
  description: 'first',
  keyId: 'alias/mine',
  modifiedAtMs: 0,
  modifiedBy: '',
};

const refuses = (input: object, message: RegExp, code = 'ValidationException', before?: ParameterVersion) =>
  assert.throws(() => writtenVersion({ ...text, ...input }, before), { code, message });

test('tiers and their limits', () => {
  const tierOf = (Tier: string | undefined, bytes: number) =>
    writtenVersion({ ...text, Tier, Value: 'x'.repeat(bytes) }, undefined).tier;
  assert.equal(tierOf(undefined, 4096), 'Standard');
  assert.equal(tierOf('Intelligent-Tiering', 4096), 'Standard');
  assert.equal(tierOf('Intelligent-Tiering', 4097), 'Advanced');
  assert.equal(tierOf('Advanced', 1), 'Advanced');
  refuses(
    { Value: 'x'.repeat(4097) },
    /^Standard tier parameters support a maximum parameter value of 4096 characters\. To /,
  );
  refuses({ Value: 'é'.repeat(2049) }, /^Standard tier/);
  refuses({ Value: 'x'.repeat(8193), Tier: 'Advanced' }, /^Advanced tier .* 8192 characters/);
  refuses({ Tier: 'Gold' }, /'Gold' at 'tier' .* enum value set: \[Standard, Advanced, Intelligent-Tiering\]/);
  refuses({ Tier: 'Standard' }, /^This parameter uses the advanced-parameter tier\. You can't/, undefined, advanced);
});

test('a new version keeps what its write does not say', () => {
  assert.deepEqual(writtenVersion({ Value: 'y' }, advanced), {
    type: 'SecureString',
    tier: 'Advanced',
    text: 'y',
    dataType: 'text',
    description: 'first',
    keyId: 'alias/mine',
  });
  assert.equal(writtenVersion({ ...text, Value: 'y' }, advanced).keyId, undefined);
  assert.equal(writtenVersion({ ...text, Type: 'SecureString' }, undefined).keyId, 'alias/aws/ssm');
  refuses({ Type: undefined }, /^A parameter type is required when you create a parameter\.$/);
  refuses({ Type: 'Text' }, /'Text' at 'type' .* \[SecureString, StringList, String\]/);
  refuses({ KeyId: 'alias/mine' }, /only for parameters of type SecureString/);
});

test('what a value may be', () => {
  refuses({ Value: '' }, /Value '' at 'value' failed .* length greater than or equal to 1/);
  refuses({ Value: 'a {{ssm:other}} b' }, /can't nest another parameter/);
  refuses(
    { DataType: 'TEXT' },
    /^The following data type is not supported: TEXT \(Data type names are all lowercase\.\)$/,
  );
  refuses({ DataType: 'aws:ec2:image' }, /must be the ID of an AMI/);
  const image = { Value: 'ami-0123456789abcdef0', DataType: 'aws:ec2:image' };
  assert.equal(writtenVersion({ ...text, ...image }, undefined).dataType, 'aws:ec2:image');
  refuses({ ...image, Type: 'StringList' }, /only for parameters of type String\.$/);
  refuses({ Description: 'x'.repeat(1025) }, /'description' .* 1024/);
});

test('the whole value matches its pattern, and no pattern takes forever', () => {
  const numbers = { AllowedPattern: '\\d+' };
  assert.equal(writtenVersion({ ...text, ...numbers, Value: '42' }, undefined).allowedPattern, '\\d+');
  const mismatch = 'ParameterPatternMismatchException';
  refuses(
    { ...numbers, Value: '4x2' },
    /^Parameter value, cannot be validated against allowedPattern: \\d\+$/,
    mismatch,
  );
  refuses({ AllowedPattern: '(' }, /\($/, 'InvalidAllowedPatternException');
  refuses({ AllowedPattern: '(a+)+b', Value: 'a'.repeat(4000) }, /allowedPattern/, mismatch);
});

test('policies are refused by name, but for none at all', () => {
  for (const Policies of ['', '[]', '[{}]', ' [ { } ] ']) assert.ok(writtenVersion({ ...text, Policies }, undefined));
  refuses({ Policies: '[{"Type":"Expiration"}]' }, /^Policies is not supported by this server/);
});
