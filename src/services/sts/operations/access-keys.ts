import { accountOfAccessKey } from '../../../identity/access-key-id.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { refuse, textProblems } from '../domain/constraints.ts';
import { validationError } from '../errors.ts';
import { operation } from '../operation.ts';
import type { StsContext } from '../operation.ts';

/**
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
 * As at AWS the account is read off the key, so it is known of temporary and of deleted keys too. This server tells of
 * its own account only.
 */
export const GetAccessKeyInfo = operation('GetAccessKeyInfo', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, { AccessKeyId = '' }) => {
    refuse(textProblems('accessKeyId', AccessKeyId, { min: 16, max: 128, pattern: String.raw`[\w]*` }));
    const isOurs = accountOfAccessKey(AccessKeyId) === ctx.account || (await isKnown(ctx, AccessKeyId));
    if (!isOurs) throw validationError(`Invalid Access Key: ${AccessKeyId}`);
    return { Account: ctx.account };
  },
});

/** Keys that were made before the account stood in them. */
async function isKnown(ctx: StsContext, AccessKeyId: string): Promise<boolean> {
  try {
    await ctx.call('iam', 'GetAccessKeyLastUsed', { AccessKeyId });
    return true;
  } catch (error) {
    if (error instanceof ServiceError) return false;
    throw error;
  }
}
