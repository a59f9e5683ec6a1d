import type { DeleteKeyPairRequest } from '@aws-sdk/client-ec2';
import type { Scope } from '../../../kernel/arn.ts';
import { formatArn } from '../../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { readRegion, writeRegion } from '../default-vpc.ts';
import { listRegion } from '../describe.ts';
import { type FilterFields, matcher } from '../domain/filters.ts';
import { importedKey, newKey } from '../domain/key-material.ts';
import { serviceOf } from '../domain/requester.ts';
import { KINDS, newId } from '../domain/resource-kind.ts';
import { tagsFor } from '../domain/tags.ts';
import {
  duplicateKeyPair,
  invalidParameterValue,
  keyPairNotFound,
  missingParameter,
  unsupportedValue,
} from '../errors.ts';
import { type KeyPairRow, keyPairs } from '../instance-tables.ts';
import { type Ec2Context, operation } from '../operation.ts';
import { resourceKey } from '../tables.ts';
import { tagList } from '../views/tags.ts';

const newKeyPair = (input: { KeyName: string | undefined }, scope: Scope) => [
  formatArn('ec2', scope, `key-pair/${input.KeyName || '*'}`),
];

/** The private half is in the answer, and nowhere else. */
export const CreateKeyPair = operation('CreateKeyPair', {
  resources: newKeyPair,
  creates: KINDS.keyPair,
  handle: async (ctx, input) => {
    const name = nameOf(input.KeyName);
    const type = input.KeyType ?? 'rsa';
    if (type !== 'rsa' && type !== 'ed25519')
      throw invalidParameterValue(`Invalid value '${String(type)}' for KeyType.`);
    if (input.KeyFormat === 'ppk') throw unsupportedValue('ppk', 'KeyFormat', 'Use pem.');
    const key = newKey(type, name);
    const row = await keep(ctx, { name, type, publicKey: key.openSsh, fingerprint: key.fingerprint }, input);
    return { ...keyPairView(row), KeyMaterial: key.material };
  },
});

export const ImportKeyPair = operation('ImportKeyPair', {
  resources: newKeyPair,
  creates: KINDS.keyPair,
  handle: async (ctx, input) => {
    const name = nameOf(input.KeyName);
    if (!input.PublicKeyMaterial?.length) throw missingParameter('PublicKeyMaterial');
    const { type, openSsh, fingerprint } = importedKey(Buffer.from(input.PublicKeyMaterial), name);
    const row = await keep(ctx, { name, type, publicKey: openSsh, fingerprint }, input);
    return keyPairView(row);
  },
});

function nameOf(name: string | undefined): string {
  if (!name) throw missingParameter('KeyName');
  if (name.length > 255)
    throw invalidParameterValue(`Value (${name}) for parameter KeyName is invalid. Maximum length exceeded.`);
  return name;
}

type Made = Pick<KeyPairRow, 'name' | 'type' | 'publicKey' | 'fingerprint'>;

async function keep(
  ctx: Ec2Context,
  made: Made,
  input: { readonly TagSpecifications?: Parameters<typeof tagsFor>[1] },
): Promise<KeyPairRow> {
  const tags = tagsFor(KINDS.keyPair, input.TagSpecifications, serviceOf(ctx.principal) !== undefined);
  return writeRegion(ctx, async (tx) => {
    if (await keyPairNamed(tx, ctx, made.name)) throw duplicateKeyPair();
    return tx.put<KeyPairRow>(keyPairs, {
      account: ctx.account,
      region: ctx.region,
      id: newId(KINDS.keyPair.prefix, ctx.ids),
      tags,
      createdAt: ctx.now,
      ...made,
    });
  });
}

async function keyPairNamed(tx: ReadTx, scope: Scope, name: string): Promise<Stored<KeyPairRow> | undefined> {
  const [found] = await tx.list(keyPairs, { where: ['name', resourceKey(scope, name)], limit: 1 });
  return found;
}

/** By its id, or else by its name. */
async function keyPairOf(
  tx: ReadTx,
  scope: Scope,
  { KeyPairId: id, KeyName: name }: DeleteKeyPairRequest,
): Promise<Stored<KeyPairRow> | undefined> {
  return id ? tx.get(keyPairs, resourceKey(scope, id)) : keyPairNamed(tx, scope, name ?? '');
}

/** Deleting what is not there is no error, but has no id to answer. */
export const DeleteKeyPair = operation('DeleteKeyPair', {
  resources: async (input, scope, tx) => {
    // A name says which, whether it is there or not.
    const name = input.KeyPairId ? (await keyPairOf(tx, scope, input))?.name : input.KeyName;
    return [formatArn('ec2', scope, `key-pair/${name || '*'}`)];
  },
  handle: async (ctx, input) => {
    if (!input.KeyName && !input.KeyPairId) throw missingParameter('KeyName or KeyPairId');
    const deleted = await writeRegion(ctx, async (tx) => {
      const row = await keyPairOf(tx, ctx, input);
      if (row) await tx.delete(keyPairs, keyPairs.key(row));
      return row;
    });
    return { Return: true, ...(deleted ? { KeyPairId: deleted.id } : {}) };
  },
});

const FIELDS: FilterFields<KeyPairRow> = {
  fingerprint: (row) => row.fingerprint,
  'key-name': (row) => row.name,
  'key-pair-id': (row) => row.id,
};

export const DescribeKeyPairs = operation('DescribeKeyPairs', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const matches = matcher(FIELDS, input.Filters);
    const { KeyNames: names = [], KeyPairIds: ids = [] } = input;
    const all = await readRegion(ctx, (tx) => listRegion(tx, keyPairs, ctx));
    const missing = [
      ...names.filter((name) => !all.some((row) => row.name === name)),
      ...ids.filter((id) => !all.some((row) => row.id === id)),
    ];
    if (missing[0] !== undefined) throw keyPairNotFound(missing[0]);
    const wanted = (row: KeyPairRow) =>
      (names.length === 0 && ids.length === 0) || names.includes(row.name) || ids.includes(row.id);
    return {
      KeyPairs: all
        .filter((row) => wanted(row) && matches(row))
        .map(({ id, name, type, fingerprint, createdAt, tags, publicKey }) => ({
          KeyPairId: id,
          KeyName: name,
          KeyType: type,
          KeyFingerprint: fingerprint,
          CreateTime: new Date(createdAt),
          Tags: tagList(tags),
          ...(input.IncludePublicKey ? { PublicKey: `${publicKey}\n` } : {}),
        })),
    };
  },
});

function keyPairView(row: KeyPairRow) {
  return { KeyPairId: row.id, KeyName: row.name, KeyFingerprint: row.fingerprint, Tags: tagList(row.tags) };
}
