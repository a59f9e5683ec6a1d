import type { UpdateSecretVersionStageRequest } from '@aws-sdk/client-secrets-manager';
import type { ReadTx } from '../../../store/store.ts';
import { attach, CURRENT, detach, versionWith } from '../domain/stages.ts';
import type { Stages } from '../domain/stages.ts';
import { constraint, invalidParameter } from '../errors.ts';
import { requireLiveSecret, requireSecret, secretConditions, secretResource } from '../lookup.ts';
import { operation } from '../operation.ts';
import { pageOf } from '../pages.ts';
import { secrets, versionKey, versions } from '../tables.ts';
import type { SecretRow } from '../tables.ts';
import { checkLabelCount, versionsOf } from '../versions.ts';
import { versionView } from '../views.ts';

const TIME_DIGITS = 16;
const MOST_LABEL_CHARACTERS = 256;

export const ListSecretVersionIds = operation('ListSecretVersionIds', {
  readOnly: true,
  resources: secretResource,
  conditions: secretConditions,
  handle: async (ctx, input) =>
    ctx.read(async (tx) => {
      const row = await requireSecret(tx, ctx, input);
      const labelled = new Set(row.stages.map(({ versionId }) => versionId));
      const shown = (await versionsOf(tx, row.arn)).filter(
        ({ versionId }) => input.IncludeDeprecated === true || labelled.has(versionId),
      );
      const { items, nextToken } = pageOf(
        shown,
        ({ createdAtMs, versionId }) => `${String(createdAtMs).padStart(TIME_DIGITS, '0')}/${versionId}`,
        input,
      );
      return {
        ARN: row.arn,
        Name: row.name,
        Versions: items.map((version) => versionView(row, version)),
        ...(nextToken !== undefined && { NextToken: nextToken }),
      };
    }),
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html */
export const UpdateSecretVersionStage = operation('UpdateSecretVersionStage', {
  resources: secretResource,
  conditions: async (input, scope, tx) => ({
    ...(await secretConditions(input, scope, tx)),
    'secretsmanager:versionstage': input.VersionStage ?? '',
  }),
  handle: async (ctx, input) => {
    const row = await ctx.write(async (tx) => {
      const secret = await requireLiveSecret(tx, ctx, input);
      const stages = await movedStages(tx, secret, input);
      checkLabelCount({ stages });
      return tx.put(secrets, { ...secret, stages, changedAtMs: ctx.now });
    });
    return { ARN: row.arn, Name: row.name };
  },
});

/** @throws ServiceError InvalidParameterException, ValidationException */
async function movedStages(
  tx: ReadTx,
  secret: SecretRow,
  { VersionStage: label = '', RemoveFromVersionId: from, MoveToVersionId: to }: UpdateSecretVersionStageRequest,
): Promise<Stages> {
  if (label.length < 1) throw constraint('versionStage', 'have length greater than or equal to 1', label);
  if (label.length > MOST_LABEL_CHARACTERS) {
    throw constraint('versionStage', `have length less than or equal to ${MOST_LABEL_CHARACTERS}`, label);
  }
  if (from === undefined && to === undefined) {
    throw invalidParameter('You must provide RemoveFromVersionId, MoveToVersionId, or both.');
  }
  if (to !== undefined && !(await tx.get(versions, versionKey(secret.arn, to)))) {
    throw invalidParameter(`Not a valid version: ${to}`);
  }
  const now = versionWith(secret.stages, label);
  if (from === undefined && now !== undefined && now !== to) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ${now}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (from !== undefined && from !== now) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId is not valid. Staging label ${label} is not currently attached to version ${from}.`,
    );
  }
  if (to !== undefined) return attach(secret.stages, label, to);
  if (label === CURRENT) {
    throw invalidParameter(
      'You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.',
    );
  }
  return detach(secret.stages, label);
}
