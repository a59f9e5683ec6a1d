import type { ServiceName } from '../api/clients.ts';
import type { Service } from '../api/service.ts';
import { Authorizer } from '../gateway/authorizer.ts';
import type { IdentityOf } from '../gateway/dispatcher.ts';
import type { Directory } from '../identity/directory.ts';
import type { Principal } from '../api/context.ts';
import type { Scope } from '../kernel/arn.ts';
import type { Clock } from '../kernel/clock.ts';
import { ServiceError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { SealedBox } from '../kernel/sealed-box.ts';
import type { RegistryHandlerOptions } from '../registry/http/handler.ts';
import type { RegistryTokens } from '../registry/token.ts';
import { isImageScanner } from '../services/ecr/index.ts';
import { iamDirectory } from '../services/iam/index.ts';
import type { Store } from '../store/store.ts';
import type { Home } from './home.ts';
import { roleAssumption, serviceIdentities } from './service-identities.ts';
import type { AssumeRoleForService } from './service-identities.ts';

/** Who there is, and what they may do: what the gateway, the registry and tasks' roles have in common. */
export interface Access {
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  /** For the registry's clients, who ask often. */
  readonly registryAuthorizer: Authorizer;
  readonly assume: AssumeRoleForService;
  readonly identityOf: IdentityOf;
  close(): Promise<void>;
}

export interface AccessBoxes {
  readonly accessKeys: SealedBox;
  readonly messages: SealedBox;
}

export function accessBoxes({ masterKey }: Home, ids: Ids): AccessBoxes {
  return {
    accessKeys: new SealedBox(masterKey, 'iam-access-keys', ids),
    messages: new SealedBox(masterKey, 'authorization-messages', ids),
  };
}

export interface AccessParts {
  readonly boxes: AccessBoxes;
  readonly store: Store;
  /** Of the store. */
  readonly reads: Pick<Store, 'read'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly services: readonly Service<any>[];
}

export function openAccess({ boxes, store, reads, clock, ids, services }: AccessParts): Access {
  const directory = iamDirectory({ store, box: boxes.accessKeys, clock });
  const authorizerOver = (read: Pick<Store, 'read'>) =>
    new Authorizer({ services, store: read, directory, messages: boxes.messages });
  const authorizer = authorizerOver(store);
  const assume = roleAssumption(store, authorizer, clock);
  const principals = new Map(services.map((service) => [service.name, service.principal]));
  const principalOf = (service: ServiceName) => principals.get(service) ?? service;
  const identityOf = serviceIdentities({ store, clock, ids, assume, principalOf });
  const registryAuthorizer = authorizerOver(reads);
  return { directory, authorizer, registryAuthorizer, assume, identityOf, close: () => directory.close() };
}

/** Whether a caller may hand a role to a service, where only the handler knows which role: that of an instance profile. */
export function rolePassing({ clock }: Pick<AccessParts, 'clock'>, { authorizer }: Pick<Access, 'authorizer'>) {
  return (principal: Principal, roleArn: string, scope: Scope, service: string): Promise<void> =>
    authorizer.require(
      { ...scope, principal, facts: { sourceIp: service, secure: true }, now: clock.now() },
      { action: 'iam:PassRole', resources: [roleArn], conditions: { 'iam:passedtoservice': service } },
    );
}

/** A login stands for as long as the user or the role that it was given to is there. */
export function registryAuthentication(
  tokens: RegistryTokens,
  directory: Directory,
): RegistryHandlerOptions['authenticate'] {
  return async (header, now) => {
    const caller = tokens.authenticate(header, now);
    if (caller === undefined || caller === 'expired') return caller;
    return (await directory.attached(caller.principal)) && caller;
  };
}

const PULLS = new Set(['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability']);

/** `docker push` and `docker pull` need the permissions that ECR's own operations need. */
export function registryAuthorization(
  authorizer: Authorizer,
  clock: Clock,
): NonNullable<RegistryHandlerOptions['authorize']> {
  return async ({ principal, account, region }, action, repositoryArn, sourceIp) => {
    // ECR scans an image whatever policy keeps others from it.
    if (isImageScanner(principal) && PULLS.has(action)) return undefined;
    const request = { principal, account, region, facts: { sourceIp, secure: false }, now: clock.now() };
    try {
      await authorizer.require(request, { action, resources: [repositoryArn] });
      return undefined;
    } catch (error) {
      if (error instanceof ServiceError) return error.message;
      throw error;
    }
  };
}
