import { operation } from '../operation.ts';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html; no permission is needed for it. */
export const GetCallerIdentity = operation('GetCallerIdentity', {
  resources: () => ['*'],
  readOnly: true,
  handle: async ({ principal }) => ({ UserId: principal.userId, Account: principal.account, Arn: principal.arn }),
});
