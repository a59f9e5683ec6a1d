import type { Input } from '../../../api/clients.ts';
import { callerRefusal } from '../../../identity/caller-limits.ts';
import type { Principal, SessionIssuer } from '../../../identity/principal.ts';
import type { SessionPrincipal } from '../../../identity/session-credentials.ts';
import { formatArn } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { numberProblems, refuse, textProblems } from '../domain/constraints.ts';
import { sessionTimes, userSeconds } from '../domain/durations.ts';
import { FEDERATED_USER_NAME, SESSION_SECONDS } from '../domain/members.ts';
import { packedPercent } from '../domain/packed-size.ts';
import { sessionTags, tagProblems } from '../domain/session-tags.ts';
import { accessDenied, unsupported } from '../errors.ts';
import { operation } from '../operation.ts';
import { policyProblems, sessionPolicies } from '../session-policies.ts';
import { credentialsView } from '../views.ts';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html; no permission is needed for it. */
export const GetSessionToken = operation('GetSessionToken', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    refuse(numberProblems('durationSeconds', input.DurationSeconds, SESSION_SECONDS));
    for (const parameter of ['SerialNumber', 'TokenCode'] as const) {
      if (input[parameter] !== undefined) throw unsupported(parameter, 'this server has no MFA devices');
    }
    const issuer = issuerOf(ctx.principal, 'GetSessionToken');
    const { accessKeyId: _, ...principal } = ctx.principal;
    const times = sessionTimes(ctx.now, userSeconds(input.DurationSeconds, principal));
    return { Credentials: credentialsView(ctx.ports.sessions.issue({ ...principal, session: { ...times, issuer } })) };
  },
});

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html */
export const GetFederationToken = operation('GetFederationToken', {
  resources: (input, scope) => [federatedUserArn(scope, input)],
  also: (input, scope) =>
    input.Tags?.length ? [{ action: 'sts:TagSession', resources: [federatedUserArn(scope, input)] }] : [],
  readOnly: true,
  handle: async (ctx, input) => {
    const { Name: name = '' } = input;
    refuse([
      ...textProblems('name', name, FEDERATED_USER_NAME),
      ...numberProblems('durationSeconds', input.DurationSeconds, SESSION_SECONDS),
      ...policyProblems(input),
      ...tagProblems(input.Tags),
    ]);
    const issuer = issuerOf(ctx.principal, 'GetFederationToken');
    const policies = await sessionPolicies(ctx, input);
    const { tags } = sessionTags(input.Tags);
    const percent = packedPercent({
      ...(policies?.inline === undefined ? {} : { inlinePolicy: policies.inline }),
      policyArns: policies?.managedArns ?? [],
      tags,
    });
    const principal: SessionPrincipal = {
      kind: 'federated-user',
      account: ctx.account,
      arn: federatedUserArn(ctx, input),
      userId: `${ctx.account}:${name}`,
      session: {
        ...sessionTimes(ctx.now, userSeconds(input.DurationSeconds, ctx.principal)),
        issuer,
        name,
        ...(policies ? { policies } : {}),
        ...(Object.keys(tags).length > 0 ? { tags } : {}),
      },
    };
    return {
      Credentials: credentialsView(ctx.ports.sessions.issue(principal)),
      FederatedUser: { FederatedUserId: principal.userId, Arn: principal.arn },
      PackedPolicySize: percent,
    };
  },
});

function federatedUserArn(scope: Scope, { Name }: Input<'sts', 'GetFederationToken'>): string {
  return formatArn('sts', { account: scope.account }, `federated-user/${Name}`);
}

/** Only who has long-term keys gets these tokens. */
function issuerOf(principal: Principal, operationName: string): SessionIssuer {
  const refusal = callerRefusal(principal, `sts:${operationName}`);
  if (refusal) throw refusal;
  const { kind, account, arn, userId, userName = '' } = principal;
  if (kind === 'root') return { type: 'Root', arn, id: account, name: account };
  if (kind === 'user') return { type: 'User', arn, id: userId, name: userName };
  throw accessDenied(`Cannot call ${operationName} as ${arn}: it has no long-term credentials`);
}
