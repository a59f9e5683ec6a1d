import { ServiceError } from '../../kernel/errors.ts';
import { parseArn } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { checkLength } from './domain/names.ts';
import { policyDocument } from './policy-document.ts';

/** The member of a user's or role's row; throws where no managed policy has the ARN that was given. */
export async function boundaryOf(
  tx: ReadTx,
  account: string,
  arn: string | undefined,
): Promise<{ readonly boundaryArn?: string }> {
  if (arn === undefined) return {};
  checkLength(arn, 'permissionsBoundary', 2048, 20);
  if (!parseArn(arn)) throw new ServiceError('ValidationError', 'Invalid ARN:  Could not be parsed!');
  if (!(await policyDocument(tx, account, arn))) {
    const message = `Scope ARN: ${arn} does not exist or is not attachable.`;
    throw new ServiceError('NoSuchEntityException', message, { httpStatus: 404 });
  }
  return { boundaryArn: arn };
}
