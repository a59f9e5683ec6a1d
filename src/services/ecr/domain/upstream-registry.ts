import type { UpstreamRegistry } from '@aws-sdk/client-ecr';
import { invalidParameter, unsupported, unsupportedUpstream } from '../errors.ts';
import { ROOT } from './template-prefix.ts';

/** The registries that AWS knows by name, by the host that each has. */
const KNOWN: readonly (readonly [UpstreamRegistry, RegExp])[] = [
  ['ecr-public', /^public\.ecr\.aws$/],
  ['docker-hub', /^registry-1\.docker\.io$/],
  ['github-container-registry', /^ghcr\.io$/],
  ['gitlab-container-registry', /^registry\.gitlab\.com$/],
  ['k8s', /^registry\.k8s\.io$/],
  ['quay', /^quay\.io$/],
  ['azure-container-registry', /^[a-z0-9-]+\.azurecr\.io$/],
  ['chainguard', /^cgr\.dev$/],
  ['ecr', /^\d{12}\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/],
];

const PREFIX = /^([a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\/?|ROOT)$/;
const MOST_CHARACTERS = 30;
const HOST = /^(https?:\/\/)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/;

interface Named {
  readonly upstreamRegistryUrl?: string | undefined;
  readonly upstreamRegistry?: string | undefined;
}

/**
 * Which registry a rule is about. Besides those that AWS knows, any OCI registry: by its host, which is asked over
 * HTTPS unless it is this machine, or by `http://host` or `https://host`.
 * @throws ServiceError UnsupportedUpstreamRegistryException, InvalidParameterException
 */
export function upstreamRegistryOf({ upstreamRegistryUrl: url = '', upstreamRegistry: name }: Named): {
  readonly upstreamRegistryUrl: string;
  readonly upstreamRegistry?: UpstreamRegistry;
} {
  if (name !== undefined && !KNOWN.some(([known]) => known === name)) {
    const names = KNOWN.map(([known]) => known).join(', ');
    throw invalidParameter('upstreamRegistry', `Member must satisfy enum value set: [${names}]`);
  }
  if (!HOST.test(url)) throw unsupportedUpstream(url);
  const known = knownUpstream(url);
  if (name !== undefined && name !== known) throw unsupportedUpstream(url);
  if (known === 'ecr') throw unsupported('upstreamRegistryUrl', 'A private registry of Amazon ECR as upstream');
  return { upstreamRegistryUrl: url, ...(known !== undefined && { upstreamRegistry: known }) };
}

/** AWS's name of a registry, if it has one. */
export function knownUpstream(url: string): UpstreamRegistry | undefined {
  return KNOWN.find(([, host]) => host.test(url.replace(/^https:\/\//, '')))?.[0];
}

/**
 * A rule's prefix without the `/` that is always thought at its end.
 * @throws ServiceError InvalidParameterException
 */
export function checkRulePrefix(member: string, prefix: string | undefined): string {
  if (prefix !== undefined && prefix.length >= 2 && prefix.length <= MOST_CHARACTERS && PREFIX.test(prefix)) {
    return prefix.replace(/\/$/, '');
  }
  throw invalidParameter(member, `Member must satisfy regular expression pattern: '${PREFIX.source}'`);
}

/**
 * Of the upstream's repositories; ROOT for all of them.
 * @throws ServiceError InvalidParameterException
 */
export function upstreamPrefixOf(prefix: string, upstreamPrefix: string | undefined): string {
  const checked = upstreamPrefix === undefined ? ROOT : checkRulePrefix('upstreamRepositoryPrefix', upstreamPrefix);
  if (prefix !== ROOT || checked === ROOT) return checked;
  throw invalidParameter('upstreamRepositoryPrefix', "Member must be 'ROOT' where ecrRepositoryPrefix is 'ROOT'");
}
