import type { GetSecretValueRequest } from '@aws-sdk/client-secrets-manager';
import type { ConditionValues } from '../../../api/operation.ts';
import { CURRENT, labelsOf } from '../domain/stages.ts';
import { invalidRequest, notSupported } from '../errors.ts';
import { requireLiveSecret, secretConditions, secretResource } from '../lookup.ts';
import { operation } from '../operation.ts';
import { noteAccess, readValue } from '../reading.ts';
import { valueIn } from '../secret-value.ts';
import { checkLabels, checkToken, isRepeated, putVersion } from '../versions.ts';
import { valueView } from '../views.ts';

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
export const GetSecretValue = operation('GetSecretValue', {
  readOnly: true,
  resources: secretResource,
  conditions: async (input, scope, tx) => ({
    ...(await secretConditions(input, scope, tx)),
    ...(input.VersionId !== undefined && { 'secretsmanager:versionid': input.VersionId }),
    ...stageCondition(input),
  }),
  handle: async (ctx, input) => {
    const read = await ctx.read(async (tx) =>
      readValue(tx, ctx.ports.box, await requireLiveSecret(tx, ctx, input), input),
    );
    await noteAccess(ctx, read);
    return valueView(read.secret, read.version, read.value);
  },
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html */
export const PutSecretValue = operation('PutSecretValue', {
  resources: secretResource,
  conditions: secretConditions,
  handle: async (ctx, input) => {
    if (input.RotationToken !== undefined) throw notSupported('RotationToken');
    const versionId = checkToken(input.ClientRequestToken);
    const value = valueIn(input);
    if (!value) throw invalidRequest('You must provide either SecretString or SecretBinary.');
    const labels = input.VersionStages && checkLabels(input.VersionStages);
    const version = { versionId, value, box: ctx.ports.box, now: ctx.now, ...(labels && { labels }) };
    const row = await ctx.write(async (tx) => {
      const secret = await requireLiveSecret(tx, ctx, input);
      return (await isRepeated(tx, secret.arn, version)) ? secret : putVersion(tx, secret, version);
    });
    return { ARN: row.arn, Name: row.name, VersionId: versionId, VersionStages: labelsOf(row.stages, versionId) };
  },
});

/** The stage that is asked for, also where none is named. */
function stageCondition({ VersionId: id, VersionStage: stage }: GetSecretValueRequest): ConditionValues {
  if (stage === undefined && id !== undefined) return {};
  return { 'secretsmanager:versionstage': stage ?? CURRENT };
}
