import { invalidParameter } from '../errors.ts';

/** The prefix of the template for repositories that no other template is for. */
export const ROOT = 'ROOT';

const MOST_CHARACTERS = 256;
const PREFIX = /^((?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*\/?|ROOT)$/;

/**
 * A template's prefix without the `/` that is always thought at its end.
 * @throws ServiceError InvalidParameterException
 */
export function checkPrefix(prefix = ''): string {
  if (prefix.length <= MOST_CHARACTERS && PREFIX.test(prefix)) return prefix.replace(/\/$/, '');
  throw invalidParameter('prefix', `Member must satisfy regular expression pattern: '${PREFIX.source}'`);
}

/** The prefixes that a repository is under, the longest first: `a/b` and `a` of `a/b/c`. */
export function prefixesOf(name: string): string[] {
  const parts = name.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, parts.length - 1 - i).join('/'));
}
