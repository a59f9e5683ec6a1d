import { isIP } from 'node:net';
import type { OidcProvider } from '../../../identity/oidc/key-sets.ts';
import type { IdToken } from '../../../identity/oidc/id-token.ts';
import type { Tags } from '../../../kernel/tags.ts';
import { compilePolicy } from '../../../policy/compile.ts';
import { decide } from '../../../policy/evaluate.ts';
import type { ConditionValues } from '../../../policy/model.ts';
import { stsConditions } from './condition-keys.ts';
import type { SessionTags } from './session-tags.ts';
import { claimConditions } from './web-identity-claims.ts';

/** A request to assume a role by a token that is verified. */
export interface WebIdentityRequest extends SessionTags {
  readonly provider: OidcProvider;
  readonly token: IdToken;
  readonly role: { readonly arn: string; readonly account: string; readonly trustPolicy: string; readonly tags: Tags };
  readonly sessionName: string;
  readonly sourceIdentity?: string | undefined;
  readonly region: string;
  readonly sourceIp: string | undefined;
  /** ms since the epoch */
  readonly now: number;
}

/** The first action that the role's trust policy does not allow, or undefined: it is the only policy that there is. */
export function untrustedAction(request: WebIdentityRequest): string | undefined {
  const { provider, token, role, tags, sourceIdentity } = request;
  const actions = [
    'sts:AssumeRoleWithWebIdentity',
    ...(Object.keys(tags).length > 0 ? ['sts:TagSession'] : []),
    ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ];
  const conditions = new Map(Object.entries(webIdentityConditions(request)));
  const trust = { kind: 'resource', id: role.arn, policy: compilePolicy(role.trustPolicy) } as const;
  const userId = `${provider.arn}:${token.audience}:${token.subject}`;
  return actions.find((action) => {
    const decision = decide({
      principal: { kind: 'web-identity', account: role.account, arn: provider.arn, userId },
      action,
      resource: role.arn,
      resourceAccount: role.account,
      context: { get: (key) => conditions.get(key) },
      identity: [],
      resourcePolicy: trust,
    });
    return !decision.allowed;
  });
}

/** All that a trust policy can ask about: the token's claims, STS's keys, and the global ones. */
export function webIdentityConditions(request: WebIdentityRequest): ConditionValues {
  const { provider, token, role, tags, transitiveTagKeys, sessionName, sourceIdentity, region, sourceIp, now } =
    request;
  const tagKeys = Object.keys(tags);
  return {
    ...claimConditions(provider.url, token),
    ...stsConditions({ sessionName, sourceIdentity, transitiveTagKeys }),
    ...lowerCased('aws:requesttag/', tags),
    ...(tagKeys.length > 0 ? { 'aws:tagkeys': tagKeys } : {}),
    ...lowerCased('aws:resourcetag/', role.tags),
    ...lowerCased('iam:resourcetag/', role.tags),
    'aws:resourceaccount': role.account,
    'aws:federatedprovider': provider.arn,
    'aws:requestedregion': region,
    'aws:currenttime': new Date(now).toISOString(),
    'aws:epochtime': String(Math.floor(now / 1000)),
    ...(sourceIp !== undefined && isIP(sourceIp) !== 0 ? { 'aws:sourceip': sourceIp } : {}),
  };
}

function lowerCased(prefix: string, tags: Tags): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}${key}`.toLowerCase(), value]));
}
