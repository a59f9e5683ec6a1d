import type { CreateSecretRequest } from '@aws-sdk/client-secrets-manager';
import type { ConditionValues } from '../../../api/operation.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx } from '../../../store/store.ts';
import { isSecretName, newSecretArn } from '../domain/secret-id.ts';
import { constraint, exists, invalidRequest, notSupported } from '../errors.ts';
import { arnOf, findSecret, invalidName } from '../lookup.ts';
import { operation } from '../operation.ts';
import { checkSettings, settingConditions } from '../settings.ts';
import { valueIn } from '../secret-value.ts';
import { secretKey, secrets } from '../tables.ts';
import type { SecretRow } from '../tables.ts';
import { withTags } from '../tags.ts';
import { checkToken, isRepeated, putVersion } from '../versions.ts';

const MOST_NAME_CHARACTERS = 512;

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
export const CreateSecret = operation('CreateSecret', {
  resources: async ({ Name: name = '' }, scope, tx) => [await arnOf(tx, scope, name)],
  conditions: createConditions,
  also: async (input, scope, tx) =>
    (input.Tags ?? []).length === 0
      ? []
      : [
          {
            action: 'secretsmanager:TagResource',
            resources: [await arnOf(tx, scope, input.Name ?? '')],
            conditions: await tagConditions(input, scope, tx),
          },
        ],
  handle: async (ctx, input) => {
    const name = checkRequest(input);
    checkSettings(input);
    const versionId = checkToken(input.ClientRequestToken);
    const value = valueIn(input);
    const version = value && { versionId, value, box: ctx.ports.box, now: ctx.now };
    const fresh: SecretRow = newSecret(ctx, name, newSecretArn(ctx, name, ctx.ids), { input, now: ctx.now });
    const { arn, made } = await ctx.write(async (tx) => {
      const there = await tx.get(secrets, secretKey(ctx, name));
      if (there?.deletionAtMs !== undefined) {
        throw invalidRequest(
          "You can't create this secret because a secret with this name is already scheduled for deletion.",
        );
      }
      if (there) {
        if (!version || !(await isRepeated(tx, there.arn, version))) {
          throw exists(`The operation failed because the secret ${name} already exists.`);
        }
        return { arn: there.arn, made: versionId };
      }
      if (!version) return { arn: (await tx.put(secrets, fresh)).arn, made: undefined };
      return { arn: (await putVersion(tx, fresh, version)).arn, made: versionId };
    });
    return { ARN: arn, Name: name, ...(made !== undefined && { VersionId: made }) };
  },
});

async function createConditions(input: CreateSecretRequest, scope: Scope, tx: ReadTx): Promise<ConditionValues> {
  return {
    'secretsmanager:name': input.Name ?? '',
    ...settingConditions(input),
    ...(await tagConditions(input, scope, tx)),
  };
}

/** A secret that is not there yet has the tags that it is to get. */
async function tagConditions(
  { Name: name = '', Tags: tags = [] }: CreateSecretRequest,
  scope: Scope,
  tx: ReadTx,
): Promise<ConditionValues> {
  if (await findSecret(tx, scope, name)) return {};
  return Object.fromEntries(
    tags.flatMap(({ Key: key = '', Value: value = '' }) =>
      ['aws', 'secretsmanager'].map((prefix) => [`${prefix}:resourcetag/${key.toLowerCase()}`, value]),
    ),
  );
}

/** @throws ServiceError ValidationException, InvalidParameterException */
function checkRequest(input: CreateSecretRequest): string {
  const { Name: name = '' } = input;
  if (name === '') throw constraint('name', 'have length greater than or equal to 1', name);
  if (name.length > MOST_NAME_CHARACTERS) {
    throw constraint('name', `have length less than or equal to ${MOST_NAME_CHARACTERS}`, name);
  }
  if (!isSecretName(name)) throw invalidName();
  if ((input.AddReplicaRegions ?? []).length > 0) throw notSupported('AddReplicaRegions');
  if (input.ForceOverwriteReplicaSecret === true) throw notSupported('ForceOverwriteReplicaSecret');
  return name;
}

function newSecret(
  { account, region }: Scope,
  name: string,
  arn: string,
  { input, now }: { readonly input: CreateSecretRequest; readonly now: number },
): SecretRow {
  const { Description: description, KmsKeyId: kmsKeyId, Tags: tags = [] } = input;
  return {
    account,
    region,
    name,
    arn,
    ...(description && { description }),
    ...(kmsKeyId && { kmsKeyId }),
    ...(tags.length > 0 && { tags: withTags({}, tags) }),
    stages: [],
    createdAtMs: now,
    changedAtMs: now,
  };
}
