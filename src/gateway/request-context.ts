import type { Principal } from '../api/context.ts';
import { parseArn } from '../kernel/arn.ts';
import type { Tags } from '../kernel/tags.ts';
import type { ConditionValues, RequestContext } from '../policy/model.ts';
import type { CallFacts } from './call-facts.ts';

export interface ContextSource {
  readonly principal: Principal;
  readonly facts: CallFacts;
  readonly region: string;
  /** ms since the epoch */
  readonly now: number;
  /** aws:PrincipalTag */
  readonly principalTags: Tags;
  /** Of the operation and of the tags in the request. */
  readonly conditions: ConditionValues;
  readonly resourceAccount: string;
  /** aws:ResourceTag and the services' own ResourceTag keys; undefined where no policy asks or nothing is there. */
  readonly resourceTags?: Tags | undefined;
}

type Value = string | readonly string[] | undefined;

/**
 * The global condition keys that this server can know.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function requestContext(source: ContextSource): RequestContext {
  const principalTags = lowerKeys(source.principalTags);
  const resourceTags = lowerKeys(source.resourceTags ?? {});
  const claims = claimsOf(source.principal);
  return {
    get(key) {
      if (Object.hasOwn(source.conditions, key)) return source.conditions[key];
      const claim = claims.get(key);
      if (claim !== undefined) return claim;
      if (key.startsWith('aws:principaltag/')) return principalTags.get(key.slice('aws:principaltag/'.length));
      const tag = /^[a-z0-9-]+:resourcetag\/(.*)$/.exec(key)?.[1];
      if (tag !== undefined) return resourceTags.get(tag);
      return Object.hasOwn(KEYS, key) ? KEYS[key]?.(source) : undefined;
    },
  };
}

const KEYS: Readonly<Record<string, (source: ContextSource) => Value>> = {
  'aws:currenttime': ({ now }) => new Date(now).toISOString(),
  'aws:epochtime': ({ now }) => String(Math.floor(now / 1000)),
  'aws:securetransport': ({ facts }) => String(facts.secure),
  'aws:sourceip': ({ facts, principal }) => (isFromService(principal) ? undefined : facts.sourceIp),
  'aws:useragent': ({ facts }) => facts.userAgent,
  'aws:referer': ({ facts }) => facts.referer,
  'aws:requestedregion': ({ region }) => region,
  'aws:resourceaccount': ({ resourceAccount }) => resourceAccount,
  's3:resourceaccount': ({ resourceAccount }) => resourceAccount,
  'aws:principalarn': ({ principal }) => principalArn(principal),
  'aws:principalaccount': ({ principal }) => (principal.kind === 'service' ? undefined : principal.account),
  'aws:principaltype': ({ principal }) => PRINCIPAL_TYPES[principal.kind],
  'aws:principalisawsservice': ({ principal }) => String(principal.kind === 'service'),
  'aws:principalservicename': ({ principal }) => serviceName(principal),
  'aws:principalservicenameslist': ({ principal }) => {
    const name = serviceName(principal);
    return name === undefined ? undefined : [name];
  },
  'aws:userid': ({ principal }) => principal.userId,
  'aws:username': ({ principal }) => (principal.kind === 'user' ? principal.userName : undefined),
  'aws:tokenissuetime': ({ principal }) => timeOf(principal.session?.issuedAtMs),
  'aws:multifactorauthpresent': ({ principal }) => (principal.session ? 'false' : undefined),
  'aws:sourceidentity': ({ principal }) => principal.session?.sourceIdentity,
  'aws:federatedprovider': ({ principal }) => principal.session?.webIdentity?.provider,
  'aws:viaawsservice': ({ principal }) => String(isFromService(principal)),
  'aws:calledvia': ({ principal }) => (principal.invokedBy === undefined ? undefined : [principal.invokedBy]),
  'aws:calledviafirst': ({ principal }) => principal.invokedBy,
  'aws:calledvialast': ({ principal }) => principal.invokedBy,
  'aws:sourcearn': ({ facts }) => facts.sourceArn,
  'aws:sourceaccount': ({ facts }) => (facts.sourceArn === undefined ? undefined : parseArn(facts.sourceArn)?.account),
};

const PRINCIPAL_TYPES: Readonly<Record<Principal['kind'], string | undefined>> = {
  root: 'Account',
  user: 'User',
  'assumed-role': 'AssumedRole',
  'federated-user': 'FederatedUser',
  service: 'AWSService',
  'web-identity': 'Anonymous',
};

/** Of a role session the role's own ARN, so that one value stands for all its sessions. */
function principalArn(principal: Principal): string {
  return principal.kind === 'assumed-role' && principal.session ? principal.session.issuer.arn : principal.arn;
}

function isFromService(principal: Principal): boolean {
  return principal.kind === 'service' || principal.invokedBy !== undefined;
}

/** `ecs.amazonaws.com` of `arn:aws:iam::A:service-principal/ecs.amazonaws.com`. */
export function serviceName(principal: Principal): string | undefined {
  return principal.kind === 'service' ? principal.arn.split('/').at(-1) : undefined;
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/**
 * What the token proved that a role was assumed with: `HOST/PATH:sub` and `:aud`, for the whole session.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_user-id.html
 */
function claimsOf({ session }: Principal): ReadonlyMap<string, string> {
  if (session?.webIdentity === undefined) return NO_CLAIMS;
  const { provider, subject, audience } = session.webIdentity;
  const url = provider.slice(provider.indexOf('/') + 1).toLowerCase();
  return new Map([
    [`${url}:sub`, subject],
    [`${url}:aud`, audience],
  ]);
}

const NO_CLAIMS: ReadonlyMap<string, string> = new Map();

function lowerKeys(tags: Tags): ReadonlyMap<string, string> {
  return new Map(Object.entries(tags).map(([key, value]) => [key.toLowerCase(), value]));
}
