import { checkPolicy } from '../../../policy/document.ts';
import { isPublicPolicy } from '../domain/public-policy.ts';
import { constraint, malformedPolicy, publicPolicy } from '../errors.ts';
import { arnOf, requireLiveSecret, secretConditions, secretResource } from '../lookup.ts';
import { operation } from '../operation.ts';
import { checkPrincipals } from '../policy-principals.ts';
import { secrets } from '../tables.ts';

const MOST_CHARACTERS = 20_480;

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html */
export const PutResourcePolicy = operation('PutResourcePolicy', {
  resources: secretResource,
  conditions: async (input, scope, tx) => ({
    ...(await secretConditions(input, scope, tx)),
    ...(input.BlockPublicPolicy !== undefined && {
      'secretsmanager:blockpublicpolicy': String(input.BlockPublicPolicy),
    }),
  }),
  handle: async (ctx, input) => {
    const policy = checkText(input.ResourcePolicy);
    await checkPrincipals(ctx, policy);
    if (input.BlockPublicPolicy === true && isPublicPolicy(policy)) throw publicPolicy();
    const row = await ctx.write(async (tx) => {
      const secret = await requireLiveSecret(tx, ctx, input);
      return tx.put(secrets, { ...secret, policy, changedAtMs: ctx.now });
    });
    return { ARN: row.arn, Name: row.name };
  },
});

export const GetResourcePolicy = operation('GetResourcePolicy', {
  readOnly: true,
  resources: secretResource,
  conditions: secretConditions,
  handle: async (ctx, input) => {
    const { arn, name, policy } = await ctx.read((tx) => requireLiveSecret(tx, ctx, input));
    return { ARN: arn, Name: name, ...(policy !== undefined && { ResourcePolicy: policy }) };
  },
});

export const DeleteResourcePolicy = operation('DeleteResourcePolicy', {
  resources: secretResource,
  conditions: secretConditions,
  handle: async (ctx, input) => {
    const row = await ctx.write(async (tx) => {
      const { policy: _, ...kept } = await requireLiveSecret(tx, ctx, input);
      return tx.put(secrets, { ...kept, changedAtMs: ctx.now });
    });
    return { ARN: row.arn, Name: row.name };
  },
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ValidateResourcePolicy.html */
export const ValidateResourcePolicy = operation('ValidateResourcePolicy', {
  readOnly: true,
  resources: async ({ SecretId: id }, scope, tx) => [await arnOf(tx, scope, id ?? '*')],
  conditions: (input, scope, tx) => (input.SecretId === undefined ? {} : secretConditions(input, scope, tx)),
  handle: async (ctx, input) => {
    const policy = checkText(input.ResourcePolicy);
    if (input.SecretId !== undefined) await ctx.read((tx) => requireLiveSecret(tx, ctx, input));
    await checkPrincipals(ctx, policy);
    if (!isPublicPolicy(policy)) return { PolicyValidationPassed: true, ValidationErrors: [] };
    const problem = {
      CheckName: 'PUBLIC_POLICY',
      ErrorMessage: 'The resource policy grants broad access to the secret.',
    };
    return { PolicyValidationPassed: false, ValidationErrors: [problem] };
  },
});

/** @throws ServiceError ValidationException, MalformedPolicyDocumentException */
function checkText(text = ''): string {
  if (text === '') throw constraint('resourcePolicy', 'have length greater than or equal to 1', text);
  if (text.length > MOST_CHARACTERS) {
    throw constraint('resourcePolicy', `have length less than or equal to ${MOST_CHARACTERS}`);
  }
  if (!isJson(text)) throw malformedPolicy('This resource policy contains invalid Json');
  const problem = checkPolicy(text, 'resource');
  if (problem) throw malformedPolicy(problem.message);
  return text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
