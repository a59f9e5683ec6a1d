import type { Claims } from '../../../identity/oidc/id-token.ts';
import { invalidIdentityToken } from '../../../identity/oidc/errors.ts';
import { refuse, textProblems } from './constraints.ts';
import { SOURCE_IDENTITY } from './members.ts';
import { sessionTags, tagProblems } from './session-tags.ts';
import type { SessionTags, TagPair } from './session-tags.ts';

const NAMESPACE = 'https://aws.amazon.com/';

/**
 * Session tags that a token carries: nested, `"https://aws.amazon.com/tags": {"principal_tags": {"Project": ["x"]},
 * "transitive_tag_keys": ["Project"]}`, or flat, `"https://aws.amazon.com/tags/principal_tags/Project": "x"` and
 * `"https://aws.amazon.com/tags/transitive_tag_keys": ["Project"]`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
 */
export function tagsOfClaims(claims: Claims): SessionTags {
  const nested = recordOf(claims[`${NAMESPACE}tags`]);
  const flat = `${NAMESPACE}tags/principal_tags/`;
  const values = [
    ...Object.entries(recordOf(nested['principal_tags'])),
    ...Object.entries(claims).flatMap(([name, value]) =>
      name.startsWith(flat) ? [[name.slice(flat.length), value] as const] : [],
    ),
  ];
  const tags = values.map(([Key, value]): TagPair => ({ Key, Value: singleText(Key, value) }));
  const transitive = textsOf(nested['transitive_tag_keys'] ?? claims[`${NAMESPACE}tags/transitive_tag_keys`]);
  refuse(tagProblems(tags, transitive));
  return sessionTags(tags, transitive);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html */
export function sourceIdentityOfClaims(claims: Claims): string | undefined {
  const value = claims[`${NAMESPACE}source_identity`];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw invalidIdentityToken('The source identity of the ID Token is not a text');
  refuse(textProblems('sourceIdentity', value, SOURCE_IDENTITY));
  return value;
}

/** Further claims of well-known providers that are condition keys: the rest of the world's are `sub`, `aud` and `amr`. */
const GITHUB = [
  'actor',
  'actor_id',
  'enterprise_id',
  'environment',
  'job_workflow_ref',
  'ref',
  'repository',
  'repository_id',
  'repository_owner_id',
  'workflow',
];
const GITLAB = [
  'namespace_id',
  'pipeline_source',
  'project_id',
  'ref_protected',
  'runner_environment',
  'user_access_level',
  'user_email',
  'user_id',
  'user_login',
];
const BUILDKITE = [
  'build_branch',
  'cluster_id',
  'cluster_name',
  'organization_id',
  'organization_slug',
  'pipeline_id',
  'pipeline_slug',
];
const PROVIDER_CLAIMS: readonly (readonly [url: RegExp, claims: readonly string[]])[] = [
  [/^token\.actions\.githubusercontent\.com(\/|$)/, GITHUB],
  [/^token\.actions\.[^/]+\.ghe\.com(\/|$)/, GITHUB],
  [/^gitlab\.com$/, GITLAB],
  [/^agent\.([^/]+\.)?buildkite\.(com|dev|site)$/, BUILDKITE],
  [/^oidc\.circleci\.com\/org\//, ['oidc.circleci.com/project-id']],
  [/^accounts\.google\.com$/, ['google/organization_number']],
];

/**
 * What a token gives to conditions, by key in lower case: `HOST/PATH:sub`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 * @param url the provider's, without `https://`
 */
export function claimConditions(
  url: string,
  token: { readonly subject: string; readonly audience: string; readonly claims: Claims },
): Record<string, string | readonly string[]> {
  const further = PROVIDER_CLAIMS.filter(([pattern]) => pattern.test(url)).flatMap(([, names]) => names);
  const entries: [string, string | readonly string[]][] = [
    ['sub', token.subject],
    ['aud', token.audience],
  ];
  for (const name of ['amr', ...further]) {
    const value = conditionValue(token.claims[name]);
    if (value !== undefined) entries.push([name, value]);
  }
  // Google's `aud` key is the authorized party; the token's own audience has a name of its own.
  const audience = url === 'accounts.google.com' ? conditionValue(token.claims['aud']) : undefined;
  if (audience !== undefined) entries.push(['oaud', audience]);
  return Object.fromEntries(entries.map(([name, value]) => [`${url}:${name}`.toLowerCase(), value]));
}

function conditionValue(value: unknown): string | readonly string[] | undefined {
  if (Array.isArray(value)) return textsOf(value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

function singleText(key: string, value: unknown): string {
  const [text, ...more] = Array.isArray(value) ? value : [value];
  if (typeof text !== 'string' || more.length > 0) {
    throw invalidIdentityToken(`Session tag '${key}' of the ID Token is not a single text`);
  }
  return text;
}

function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
