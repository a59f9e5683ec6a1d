import type { Principal, SessionFacts } from './principal.ts';
import { assumedRoleArn } from './session-credentials.ts';
import type { SessionPrincipal } from './session-credentials.ts';

/** What a session takes from its role. */
export interface SessionRole {
  /** `arn:aws:iam::A:role/PATH/NAME` */
  readonly arn: string;
  /** `AROA...` */
  readonly id: string;
  readonly account: string;
  readonly name: string;
}

/** A session of a role, besides the role. Times in ms since the epoch. */
export type RoleSessionFacts = Omit<SessionFacts, 'issuer' | 'name'> & {
  readonly sessionName: string;
  /** The service in whose name it is used, e.g. `ecs-tasks.amazonaws.com`. */
  readonly invokedBy?: Principal['invokedBy'];
};

/** The principal that somebody is who has assumed a role: by STS, as a task's role, as a service-linked role. */
export function roleSession(
  role: SessionRole,
  { sessionName, invokedBy, ...facts }: RoleSessionFacts,
): SessionPrincipal {
  return {
    kind: 'assumed-role',
    account: role.account,
    arn: assumedRoleArn(role.account, role.name, sessionName),
    userId: `${role.id}:${sessionName}`,
    ...(invokedBy === undefined ? {} : { invokedBy }),
    session: {
      ...facts,
      issuer: { type: 'Role', arn: role.arn, id: role.id, name: role.name },
      name: sessionName,
    },
  };
}
