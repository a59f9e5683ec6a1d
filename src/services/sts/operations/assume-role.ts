import type { Input } from '../../../api/clients.ts';
import type { Permission } from '../../../api/operation.ts';
import { callerRefusal } from '../../../identity/caller-limits.ts';
import type { Principal } from '../../../identity/principal.ts';
import { stsConditions } from '../domain/condition-keys.ts';
import { numberProblems, refuse, textProblems } from '../domain/constraints.ts';
import { EXTERNAL_ID, ROLE_SECONDS, ROLE_SESSION_NAME, SOURCE_IDENTITY, parseRoleArn } from '../domain/members.ts';
import { inheritedTags, sessionTags, tagProblems } from '../domain/session-tags.ts';
import { accessDenied, notAuthorized, unsupported, validationError } from '../errors.ts';
import { operation } from '../operation.ts';
import { assume } from '../role-credentials.ts';
import { findRole } from '../roles.ts';
import { policyProblems } from '../session-policies.ts';

type AssumeRoleInput = Input<'sts', 'AssumeRole'>;

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const AssumeRole = operation('AssumeRole', {
  resources: (input) => {
    check(input);
    return [input.RoleArn ?? ''];
  },
  conditions: conditionsOf,
  also: (input, _scope, _tx, caller?: Principal) => furtherPermissions(input, caller),
  readOnly: true,
  handle: async (ctx, input) => {
    check(input);
    const { RoleArn = '', RoleSessionName = '' } = input;
    const refusal = callerRefusal(ctx.principal, 'sts:AssumeRole');
    if (refusal) throw refusal;
    const role = await findRole(ctx, RoleArn);
    // The gateway found it a moment ago: it is gone, or it is of an account that is not here.
    if (!role) throw notAuthorized(ctx.principal.arn, 'sts:AssumeRole', RoleArn);
    const caller = ctx.principal.session;
    return assume(ctx, role, {
      input: { ...input, RoleSessionName },
      ...sessionTags(input.Tags, input.TransitiveTagKeys, caller),
      sourceIdentity: carriedOn(input.SourceIdentity, caller?.sourceIdentity),
    });
  },
});

/** What the input alone breaks: AWS says so before it looks at permissions. */
function check(input: AssumeRoleInput): void {
  refuse([
    ...textProblems('roleSessionName', input.RoleSessionName, ROLE_SESSION_NAME),
    ...numberProblems('durationSeconds', input.DurationSeconds, ROLE_SECONDS),
    ...textProblems('externalId', input.ExternalId, EXTERNAL_ID),
    ...textProblems('sourceIdentity', input.SourceIdentity, SOURCE_IDENTITY),
    ...policyProblems(input),
    ...tagProblems(input.Tags, input.TransitiveTagKeys),
  ]);
  parseRoleArn(input.RoleArn ?? '');
  for (const parameter of ['SerialNumber', 'TokenCode'] as const) {
    if (input[parameter] !== undefined) throw unsupported(parameter, 'this server has no MFA devices');
  }
  if (input.ProvidedContexts?.length) throw unsupported('ProvidedContexts', 'this server has no context providers');
  if (input.SourceIdentity?.toLowerCase().startsWith('aws:')) {
    throw validationError('The source identity must not begin with aws: which is for AWS use.');
  }
}

function conditionsOf(input: AssumeRoleInput) {
  return stsConditions({
    sessionName: input.RoleSessionName ?? '',
    externalId: input.ExternalId,
    sourceIdentity: input.SourceIdentity,
    transitiveTagKeys: input.TransitiveTagKeys,
  });
}

/**
 * What a session hands on needs the same permissions as what is asked for.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
 */
function furtherPermissions(input: AssumeRoleInput, caller: Principal | undefined): Permission[] {
  const session = caller?.session;
  const tagged = (input.Tags?.length ?? 0) > 0 || Object.keys(inheritedTags(session)).length > 0;
  const sourceIdentity = input.SourceIdentity ?? session?.sourceIdentity;
  const actions = [
    ...(tagged ? ['sts:TagSession'] : []),
    ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ];
  const resources = [input.RoleArn ?? ''];
  const conditions = conditionsOf(input);
  return actions.map((action) => ({ action, resources, conditions }));
}

/** Once set, a source identity stays through all further sessions. */
function carriedOn(asked: string | undefined, carried: string | undefined): string | undefined {
  if (carried !== undefined && asked !== undefined && asked !== carried) {
    throw accessDenied('The source identity of a session cannot be changed.');
  }
  return carried ?? asked;
}
