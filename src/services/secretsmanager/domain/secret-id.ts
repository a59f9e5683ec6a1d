import { formatArn, parseArn } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { Ids } from '../../../kernel/ids.ts';

const NAME = /^[A-Za-z0-9/_+=.@!-]+$/;
const SUFFIXED = /^(.+)-[A-Za-z0-9]{6}$/;
const SUFFIX_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const SUFFIX_LENGTH = 6;
/** What an ARN ends with of which the six characters are not known: policies write it so, too. */
const ANY_SUFFIX = '-??????';

/** What a caller calls a secret by. */
export interface SecretId extends Scope {
  readonly name: string;
  /** Of a full ARN: the secret must have just this one. */
  readonly arn?: string;
}

export function isSecretName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Reads a name, an ARN, or an ARN without the six characters at its end; undefined for what is none of these. As AWS
 * does, it takes an ARN that ends in a hyphen and six characters for a full one.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
 */
export function readSecretId(text: string, { account, region }: Scope): SecretId | undefined {
  if (isSecretName(text)) return { account, region, name: text };
  const arn = parseArn(text);
  if (arn?.service !== 'secretsmanager' || !arn.resource.startsWith('secret:')) return undefined;
  const rest = arn.resource.slice('secret:'.length);
  if (!isSecretName(rest)) return undefined;
  const full = SUFFIXED.exec(rest)?.[1];
  const where = { account: arn.account, region: arn.region };
  return full === undefined ? { ...where, name: rest } : { ...where, name: full, arn: text };
}

/** A new secret's ARN. */
export function newSecretArn(scope: Scope, name: string, ids: Ids): string {
  return formatArn('secretsmanager', scope, `secret:${name}-${drawText(ids, SUFFIX_CHARACTERS, SUFFIX_LENGTH)}`);
}

/** The ARN that a secret which is not there would have, as far as it is known. */
export function unknownSecretArn(scope: Scope, name: string): string {
  return formatArn('secretsmanager', scope, `secret:${name}${ANY_SUFFIX}`);
}

/** Characters of an alphabet of at most 256, each as likely as any other. */
export function drawText(ids: Ids, alphabet: string, length: number): string {
  const fair = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of ids.bytes(length - text.length)) if (byte < fair) text += alphabet[byte % alphabet.length];
  }
  return text;
}
