import type { GetRandomPasswordRequest } from '@aws-sdk/client-secrets-manager';
import type { Ids } from '../../../kernel/ids.ts';
import { constraint, invalidParameter } from '../errors.ts';
import { drawText } from './secret-id.ts';

const LENGTH = { standard: 32, most: 4096 };
const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz';
const UPPERCASE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const NUMBERS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/**
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
 * @throws ServiceError InvalidParameterException, ValidationException
 */
export function randomPassword(input: GetRandomPasswordRequest, ids: Ids): string {
  const length = input.PasswordLength ?? LENGTH.standard;
  if (!Number.isInteger(length) || length < 1) {
    throw constraint('passwordLength', 'have value greater than or equal to 1', length);
  }
  if (length > LENGTH.most) {
    throw constraint('passwordLength', `have value less than or equal to ${LENGTH.most}`, length);
  }
  if ((input.ExcludeCharacters ?? '').length > LENGTH.most) {
    throw constraint('excludeCharacters', `have length less than or equal to ${LENGTH.most}`);
  }
  const types = includedTypes(input);
  if (types.length === 0) throw invalidParameter('All character types were excluded from the password.');
  const required = input.RequireEachIncludedType === false ? [] : types;
  if (length < required.length) {
    throw invalidParameter('The password length is too short based on the required types.');
  }
  const any = drawText(ids, types.join(''), length - required.length);
  return shuffled(any + required.map((type) => drawText(ids, type, 1)).join(''), ids);
}

/** The characters of each type that is asked for, without those that are excluded. */
function includedTypes(input: GetRandomPasswordRequest): string[] {
  const asked = [
    input.ExcludeLowercase === true ? '' : LOWERCASE,
    input.ExcludeUppercase === true ? '' : UPPERCASE,
    input.ExcludeNumbers === true ? '' : NUMBERS,
    input.ExcludePunctuation === true ? '' : PUNCTUATION,
    input.IncludeSpace === true ? ' ' : '',
  ];
  const { ExcludeCharacters: excluded = '' } = input;
  return asked
    .map((type) => Array.from(type, (each) => (excluded.includes(each) ? '' : each)).join(''))
    .filter((type) => type !== '');
}

/** In an order that 32 random bits for each character make. */
function shuffled(text: string, ids: Ids): string {
  const order = ids.bytes(text.length * 4);
  return Array.from(text, (character, i) => ({ character, at: order.readUInt32BE(i * 4) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ character }) => character)
    .join('');
}
