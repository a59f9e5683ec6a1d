import { exclusionAlreadyExists, exclusionNotFound, invalidParameter } from '../errors.ts';
import { operation } from '../operation.ts';
import { pageOf } from '../pagination.ts';
import { changeRegistry, findRegistry } from '../registries.ts';

const MOST_CHARACTERS = 200;
const PRINCIPAL = /^arn:aws(-[a-z]+)*:iam::[0-9]{12}:(role|user)\/[\w+=,.@-]+(\/[\w+=,.@-]+)*$/;
const nothing = () => ['*'];

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_RegisterPullTimeUpdateExclusion.html */
export const RegisterPullTimeUpdateExclusion = operation('RegisterPullTimeUpdateExclusion', {
  resources: nothing,
  handle: async (ctx, input) => {
    const principalArn = checkPrincipal(input.principalArn);
    await changeRegistry(ctx, ({ pullTimeExclusions = [], ...row }) => {
      if (pullTimeExclusions.includes(principalArn)) throw exclusionAlreadyExists(principalArn, ctx);
      return { ...row, pullTimeExclusions: [...pullTimeExclusions, principalArn] };
    });
    return { principalArn, createdAt: new Date(ctx.now) };
  },
});

export const DeregisterPullTimeUpdateExclusion = operation('DeregisterPullTimeUpdateExclusion', {
  resources: nothing,
  handle: async (ctx, input) => {
    const principalArn = checkPrincipal(input.principalArn);
    await changeRegistry(ctx, ({ pullTimeExclusions = [], ...row }) => {
      if (!pullTimeExclusions.includes(principalArn)) throw exclusionNotFound(principalArn, ctx);
      return { ...row, pullTimeExclusions: pullTimeExclusions.filter((arn) => arn !== principalArn) };
    });
    return { principalArn };
  },
});

export const ListPullTimeUpdateExclusions = operation('ListPullTimeUpdateExclusions', {
  readOnly: true,
  resources: nothing,
  handle: async (ctx, input) => {
    const { pullTimeExclusions = [] } = await ctx.read((tx) => findRegistry(tx, ctx));
    const { items, nextToken } = pageOf(pullTimeExclusions.toSorted(), (arn) => arn, input);
    return { pullTimeUpdateExclusions: [...items], ...(nextToken !== undefined && { nextToken }) };
  },
});

function checkPrincipal(arn = ''): string {
  if (arn.length <= MOST_CHARACTERS && PRINCIPAL.test(arn)) return arn;
  throw invalidParameter('principalArn', `Member must satisfy regular expression pattern: '${PRINCIPAL.source}'`);
}
