import type { Service } from '../../api/service.ts';
import type { StsPorts } from './operation.ts';
import { GetAccessKeyInfo } from './operations/access-keys.ts';
import { AssumeRoleWithWebIdentity } from './operations/assume-role-with-web-identity.ts';
import { AssumeRole } from './operations/assume-role.ts';
import { DecodeAuthorizationMessage } from './operations/authorization-messages.ts';
import { GetCallerIdentity } from './operations/caller-identity.ts';
import { GetFederationToken, GetSessionToken } from './operations/user-sessions.ts';

/** AWS Security Token Service: who calls, and temporary credentials. All that it knows is in the tokens that it makes. */
export const sts: Service<StsPorts> = {
  name: 'sts',
  principal: 'sts.amazonaws.com',
  operations: {
    AssumeRole,
    AssumeRoleWithWebIdentity,
    DecodeAuthorizationMessage,
    GetAccessKeyInfo,
    GetCallerIdentity,
    GetFederationToken,
    GetSessionToken,
  },
  tables: [],
  reconcilers: () => [],
};

export type { StsPorts } from './operation.ts';
