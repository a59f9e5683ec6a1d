import { requireLiveSecret, requireSecret, secretConditions, secretResource } from '../lookup.ts';
import { operation } from '../operation.ts';
import { checkSettings, settingConditions } from '../settings.ts';
import { valueIn } from '../secret-value.ts';
import { secrets } from '../tables.ts';
import type { SecretRow } from '../tables.ts';
import { checkToken, isRepeated, putVersion } from '../versions.ts';
import { secretView, stagesView } from '../views.ts';

export const DescribeSecret = operation('DescribeSecret', {
  readOnly: true,
  resources: secretResource,
  conditions: secretConditions,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => requireSecret(tx, ctx, input));
    const stages = stagesView(row);
    return { ...secretView(row), ...(stages && { VersionIdsToStages: stages }) };
  },
});

/**
 * Its settings, and a new current version where a value is given.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html
 */
export const UpdateSecret = operation('UpdateSecret', {
  resources: secretResource,
  conditions: async (input, scope, tx) => ({
    ...(await secretConditions(input, scope, tx)),
    ...settingConditions(input),
  }),
  handle: async (ctx, input) => {
    checkSettings(input);
    const versionId = checkToken(input.ClientRequestToken);
    const value = valueIn(input);
    const version = value && { versionId, value, box: ctx.ports.box, now: ctx.now };
    const row = await ctx.write(async (tx) => {
      const changed = withSettings(await requireLiveSecret(tx, ctx, input), input, ctx.now);
      const isNew = version !== undefined && !(await isRepeated(tx, changed.arn, version));
      return isNew ? putVersion(tx, changed, version) : tx.put(secrets, changed);
    });
    return { ARN: row.arn, Name: row.name, ...(version && { VersionId: versionId }) };
  },
});

/** Empty text takes a setting away; what is not given stays. */
function withSettings<R extends SecretRow>(
  row: R,
  given: { readonly Description?: string | undefined; readonly KmsKeyId?: string | undefined },
  now: number,
): R {
  const { description, kmsKeyId, ...rest } = row;
  const wanted = { description: given.Description ?? description, kmsKeyId: given.KmsKeyId ?? kmsKeyId };
  return {
    ...rest,
    ...(wanted.description && { description: wanted.description }),
    ...(wanted.kmsKeyId && { kmsKeyId: wanted.kmsKeyId }),
    changedAtMs: now,
  } as R;
}
