import { roleSession } from '../../identity/role-session.ts';
import type { SessionFacts } from '../../identity/principal.ts';
import { roleSeconds, sessionTimes } from './domain/durations.ts';
import { packedPercent } from './domain/packed-size.ts';
import type { SessionTags } from './domain/session-tags.ts';
import type { StsContext } from './operation.ts';
import type { AssumableRole } from './roles.ts';
import { sessionPolicies } from './session-policies.ts';
import type { AskedPolicies } from './session-policies.ts';
import { assumedRoleUserView, credentialsView } from './views.ts';

/** How a role is assumed, whoever does. */
export interface Assumption extends SessionTags {
  readonly input: AskedPolicies & { readonly RoleSessionName: string; readonly DurationSeconds?: number | undefined };
  readonly sourceIdentity?: string | undefined;
  readonly webIdentity?: SessionFacts['webIdentity'];
}

/** Makes the session, once it is allowed: the members that the answers of all AssumeRole operations have. */
export async function assume(ctx: StsContext, role: AssumableRole, assumption: Assumption) {
  const { input, sourceIdentity, webIdentity, tags, transitiveTagKeys } = assumption;
  const seconds = roleSeconds(input.DurationSeconds, role.maxSessionSeconds, ctx.principal);
  const policies = await sessionPolicies(ctx, input);
  const percent = packedPercent({
    ...(policies?.inline === undefined ? {} : { inlinePolicy: policies.inline }),
    policyArns: policies?.managedArns ?? [],
    tags,
  });
  const hasTags = Object.keys(tags).length > 0;
  const principal = roleSession(
    { arn: role.arn, id: role.id, account: role.account, name: role.name },
    {
      sessionName: input.RoleSessionName,
      ...sessionTimes(ctx.now, seconds),
      ...(policies ? { policies } : {}),
      ...(hasTags ? { tags } : {}),
      ...(transitiveTagKeys.length > 0 ? { transitiveTagKeys } : {}),
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
      ...(webIdentity === undefined ? {} : { webIdentity }),
    },
  );
  return {
    Credentials: credentialsView(ctx.ports.sessions.issue(principal)),
    AssumedRoleUser: assumedRoleUserView(principal),
    ...(policies || hasTags ? { PackedPolicySize: percent } : {}),
    ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
  };
}
