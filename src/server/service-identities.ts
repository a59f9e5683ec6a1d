import { rootPrincipal, servicePrincipal } from '../api/invoke.ts';
import type { ServiceName } from '../api/clients.ts';
import type { Principal } from '../api/context.ts';
import type { Authorizer } from '../gateway/authorizer.ts';
import type { IdentityOf } from '../gateway/dispatcher.ts';
import { roleSession } from '../identity/role-session.ts';
import type { SessionPrincipal } from '../identity/session-credentials.ts';
import type { Clock } from '../kernel/clock.ts';
import { parseArn } from '../kernel/arn.ts';
import type { Scope } from '../kernel/arn.ts';
import { ServiceError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { ensureServiceLinkedRole, roleArn, roleByArn, serviceLinkedRole } from '../services/iam/index.ts';
import type { Store } from '../store/store.ts';

const HOUR_MS = 60 * 60 * 1000;

export interface RoleUse {
  readonly roleArn: string;
  readonly sessionName: string;
  /** The service that the role's trust policy must let in. */
  readonly service: string;
  /** It is seen that the service calls: `aws:CalledVia`. */
  readonly isVisible?: true;
  /** Left out: an hour. */
  readonly lifeMs?: number;
}

/** @throws ServiceError AccessDeniedException where the role is not there or does not trust the service */
export type AssumeRoleForService = (use: RoleUse, scope: Scope) => Promise<SessionPrincipal>;

/** A service takes on a role that was handed to it: its principal must be in the role's trust policy. */
export function roleAssumption(store: Store, authorizer: Authorizer, clock: Clock): AssumeRoleForService {
  return async ({ roleArn, sessionName, service, isVisible, lifeMs = HOUR_MS }, scope) => {
    const now = clock.now();
    await authorizer.require(
      {
        ...scope,
        principal: servicePrincipal(service, scope.account),
        facts: { sourceIp: service, secure: true },
        now,
      },
      { action: 'sts:AssumeRole', resources: [roleArn] },
    );
    const role = await store.read((tx) => roleByArn(tx, roleArn));
    if (!role || parseArn(roleArn)?.account !== scope.account) {
      throw new ServiceError('AccessDeniedException', `${service} may not assume ${roleArn}: there is no such role.`);
    }
    const { account, name, id } = role;
    return roleSession(
      { arn: roleArn, id, account, name },
      { sessionName, issuedAtMs: now, expiresAtMs: now + lifeMs, ...(isVisible && { invokedBy: service }) },
    );
  };
}

/** Under which session name AWS uses a service-linked role. */
const LINKED_SESSIONS: Partial<Record<ServiceName, string>> = {
  'application-autoscaling': 'AutoScaling-UpdateDesiredCapacity',
  autoscaling: 'AutoScaling',
  ecs: 'ecs-service-scheduler',
  elbv2: 'ElasticLoadBalancing',
};

/** To whose service-linked role a service acts, where it is not its own principal's. */
const LINKED_PRINCIPALS: Partial<Record<ServiceName, string>> = {
  'application-autoscaling': 'ecs.application-autoscaling.amazonaws.com',
};

export interface IdentityParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly assume: AssumeRoleForService;
  /** `ecs.amazonaws.com` of `ecs` */
  readonly principalOf: (service: ServiceName) => string;
}

/**
 * In whose name a service calls another: a role that was handed to it, itself for a resource of its own, or else its
 * service-linked role, which is made when it is first needed. A service without one acts as itself.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html
 */
export function serviceIdentities({ store, clock, ids, assume, principalOf }: IdentityParts): IdentityOf {
  const linked = async (principal: string, sessionName: string, account: string): Promise<Principal | undefined> => {
    const now = clock.now();
    const role =
      (await store.read((tx) => serviceLinkedRole(tx, account, principal))) ??
      (await store.write((tx) => ensureServiceLinkedRole(tx, account, principal, { now, ids })));
    if (!role) return undefined;
    const facts = { sessionName, issuedAtMs: now, expiresAtMs: now + HOUR_MS, invokedBy: principal };
    return roleSession({ arn: roleArn(role), id: role.id, account, name: role.name }, facts);
  };
  return async (service, scope, as) => {
    const principal = principalOf(service);
    if (as?.role) {
      const { arn, sessionName, service: by = principal, isVisible } = as.role;
      return assume({ roleArn: arn, sessionName, service: by, ...(isVisible && { isVisible }) }, scope);
    }
    if (as?.principal !== undefined) {
      return /^\d{12}$/.test(as.principal)
        ? rootPrincipal(as.principal)
        : servicePrincipal(as.principal, scope.account);
    }
    if (as?.linkedTo !== undefined) {
      const role = await linked(as.linkedTo, service, scope.account);
      if (role) return role;
    }
    const sessionName = LINKED_SESSIONS[service];
    const role =
      as?.sourceArn === undefined && sessionName !== undefined
        ? await linked(LINKED_PRINCIPALS[service] ?? principal, sessionName, scope.account)
        : undefined;
    return role ?? servicePrincipal(principal, scope.account);
  };
}
