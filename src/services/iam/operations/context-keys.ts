import { contextKeysOf } from '../../../policy/context-keys.ts';
import { operation } from '../operation.ts';
import { entityByArn, policiesOfEntity } from '../policy-source.ts';
import { inputPolicies } from '../simulation-input.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html */
export const GetContextKeysForCustomPolicy = operation('GetContextKeysForCustomPolicy', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (_ctx, { PolicyInputList }) => ({ ContextKeyNames: contextKeysOf(givenTexts(PolicyInputList)) }),
});

/**
 * Of a user with the policies of its groups, of a group or of a role; permissions boundaries are left out.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForPrincipalPolicy.html
 */
export const GetContextKeysForPrincipalPolicy = operation('GetContextKeysForPrincipalPolicy', {
  resources: ({ PolicySourceArn = '' }) => [PolicySourceArn],
  readOnly: true,
  handle: async (ctx, { PolicySourceArn = '', PolicyInputList }) => {
    const given = givenTexts(PolicyInputList);
    const own = await ctx.read(async (tx) => {
      const policies = await policiesOfEntity(tx, await entityByArn(tx, ctx.account, PolicySourceArn));
      return policies.map(({ document }) => document);
    });
    return { ContextKeyNames: contextKeysOf([...own, ...given]) };
  },
});

function givenTexts(texts: readonly string[] | undefined): string[] {
  return inputPolicies(texts, 'PolicyInputList', 'identity').map(({ text }) => text);
}
