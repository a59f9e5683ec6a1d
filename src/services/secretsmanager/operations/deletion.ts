import type { DeleteSecretRequest } from '@aws-sdk/client-secrets-manager';
import { readSecretId, unknownSecretArn } from '../domain/secret-id.ts';
import { invalidParameter, invalidRequest, secretNotFound } from '../errors.ts';
import { checkSecretId, findSecret, requireSecret, secretConditions, secretResource } from '../lookup.ts';
import { operation } from '../operation.ts';
import { secrets } from '../tables.ts';
import { removeSecret } from '../versions.ts';

const DAY_MS = 86_400_000;
const WINDOW_DAYS = { least: 7, standard: 30, most: 30 };

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html */
export const DeleteSecret = operation('DeleteSecret', {
  resources: secretResource,
  conditions: async (input, scope, tx) => ({
    ...(await secretConditions(input, scope, tx)),
    ...(input.ForceDeleteWithoutRecovery !== undefined && {
      'secretsmanager:forcedeletewithoutrecovery': String(input.ForceDeleteWithoutRecovery),
    }),
    ...(input.RecoveryWindowInDays !== undefined && {
      'secretsmanager:recoverywindowindays': String(input.RecoveryWindowInDays),
    }),
  }),
  handle: async (ctx, input) => {
    const { SecretId: id = '', ForceDeleteWithoutRecovery: force = false } = input;
    const days = recoveryDays(input);
    checkSecretId(ctx, id);
    return ctx.write(async (tx) => {
      const row = await findSecret(tx, ctx, id);
      if (force) {
        // As documented: a secret that is gone is no error.
        const { name = id } = readSecretId(id, ctx) ?? {};
        if (row) await removeSecret(tx, row);
        const { arn, name: known } = row ?? { arn: unknownSecretArn(ctx, name), name };
        return { ARN: arn, Name: known, DeletionDate: new Date(ctx.now) };
      }
      if (!row) throw secretNotFound();
      if (row.deletionAtMs !== undefined) {
        throw invalidRequest(
          "You can't perform this operation on the secret because it was already scheduled for deletion.",
        );
      }
      const deletionAtMs = ctx.now + days * DAY_MS;
      await tx.put(secrets, { ...row, deletionAtMs, changedAtMs: ctx.now });
      return { ARN: row.arn, Name: row.name, DeletionDate: new Date(deletionAtMs) };
    });
  },
});

/** @throws ServiceError InvalidParameterException */
function recoveryDays({ ForceDeleteWithoutRecovery: force, RecoveryWindowInDays: days }: DeleteSecretRequest): number {
  if (days === undefined) return WINDOW_DAYS.standard;
  if (force === true) {
    throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  }
  const { least, most } = WINDOW_DAYS;
  if (Number.isInteger(days) && days >= least && days <= most) return days;
  throw invalidParameter(`The RecoveryWindowInDays value must be between ${least} and ${most} days (inclusive).`);
}

/** Of a secret that is not to be deleted it changes nothing. */
export const RestoreSecret = operation('RestoreSecret', {
  resources: secretResource,
  conditions: secretConditions,
  handle: async (ctx, input) => {
    const row = await ctx.write(async (tx) => {
      const { deletionAtMs, ...kept } = await requireSecret(tx, ctx, input);
      return deletionAtMs === undefined ? kept : tx.put(secrets, { ...kept, changedAtMs: ctx.now });
    });
    return { ARN: row.arn, Name: row.name };
  },
});
