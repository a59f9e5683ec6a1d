import { registryOf } from '../scope.ts';
import { operation } from '../operation.ts';

export const GetAuthorizationToken = operation('GetAuthorizationToken', {
  resources: () => ['*'],
  handle: async (ctx, input) => {
    for (const registryId of input.registryIds ?? []) registryOf(ctx, 'GetAuthorizationToken', { registryId });
    const { account, region, ports } = ctx;
    const token = ports.tokens.issue({ account, region, principal: ctx.principal }, ctx.now);
    return {
      authorizationData: [
        {
          authorizationToken: token.authorizationToken,
          expiresAt: new Date(token.expiresAtMs),
          proxyEndpoint: `${new URL(ctx.endpoint).protocol}//${ports.registryHost}`,
        },
      ],
    };
  },
});
