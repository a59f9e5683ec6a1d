import { invalidParameter } from '../errors.ts';
import { operation } from '../operation.ts';
import { checkRegistryId } from '../scope.ts';

const MOST_REGISTRIES = 10;

/**
 * A token for the caller's registry. One for another account's registry opens what the policies there let its holder do.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
 */
export const GetAuthorizationToken = operation('GetAuthorizationToken', {
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const registryIds = input.registryIds ?? [ctx.account];
    if (registryIds.length < 1 || registryIds.length > MOST_REGISTRIES) {
      throw invalidParameter('registryIds', `Member must have length between 1 and ${MOST_REGISTRIES}`);
    }
    const scopes = registryIds.map((registryId) => ({ account: checkRegistryId(registryId), region: ctx.region }));
    const { ports, principal, now } = ctx;
    const proxyEndpoint = `${new URL(ctx.endpoint).protocol}//${ports.registryHost}`;
    return {
      authorizationData: scopes.map((scope) => {
        const { authorizationToken, expiresAtMs } = ports.tokens.issue({ ...scope, principal }, now);
        return { authorizationToken, expiresAt: new Date(expiresAtMs), proxyEndpoint };
      }),
    };
  },
});
