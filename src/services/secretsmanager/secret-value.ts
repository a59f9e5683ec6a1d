import type { SealedBox } from '../../kernel/sealed-box.ts';
import { constraint, invalidParameter, undecipherable } from './errors.ts';
import { versionKey } from './tables.ts';
import type { ValueRow } from './tables.ts';

const MOST_BYTES = 65_536;

/** A secret's value in the clear: in memory alone. */
export type SecretValue = { readonly SecretString: string } | { readonly SecretBinary: Uint8Array };

interface Given {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
}

/**
 * The value in a request; undefined where it has none.
 * @throws ServiceError InvalidParameterException, ValidationException
 */
export function valueIn({ SecretString: text, SecretBinary: binary }: Given): SecretValue | undefined {
  if (text !== undefined && binary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  if (text !== undefined) {
    checkLength('secretString', Buffer.byteLength(text));
    return { SecretString: text };
  }
  if (binary === undefined) return undefined;
  checkLength('secretBinary', binary.length);
  return { SecretBinary: binary };
}

function checkLength(member: string, bytes: number): void {
  if (bytes < 1) throw constraint(member, 'have length greater than or equal to 1');
  if (bytes > MOST_BYTES) throw constraint(member, `have length less than or equal to ${MOST_BYTES}`);
}

/** Bound to its version: what is sealed for one is not taken for another's. */
export function sealValue(box: SealedBox, arn: string, versionId: string, value: SecretValue): ValueRow {
  const plain =
    'SecretString' in value
      ? { key: versionKey(arn, versionId), text: value.SecretString }
      : { key: versionKey(arn, versionId), binary: Buffer.from(value.SecretBinary).toString('base64') };
  return { arn, versionId, sealed: box.seal(JSON.stringify(plain)) };
}

/** @throws ServiceError DecryptionFailure of what this server did not seal for this version */
export function openValue(box: SealedBox, { arn, versionId, sealed }: ValueRow): SecretValue {
  const plain = box.open(sealed);
  if (plain === undefined) throw undecipherable();
  const { key, text, binary } = JSON.parse(plain) as { key: string; text?: string; binary?: string };
  if (key !== versionKey(arn, versionId)) throw undecipherable();
  return text === undefined ? { SecretBinary: Buffer.from(binary ?? '', 'base64') } : { SecretString: text };
}

export function isSameValue(one: SecretValue, other: SecretValue): boolean {
  if ('SecretString' in one) return 'SecretString' in other && one.SecretString === other.SecretString;
  return 'SecretBinary' in other && Buffer.from(one.SecretBinary).equals(other.SecretBinary);
}
