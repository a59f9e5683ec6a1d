import { isDigest } from '../digest.ts';
import { isRepositoryName, isTag } from '../names.ts';
import { ProtocolError } from './errors.ts';

/** What a path of the distribution protocol names. */
export type Route =
  | { readonly kind: 'base' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'tags'; readonly name: string }
  | { readonly kind: 'manifest'; readonly name: string; readonly reference: string }
  | { readonly kind: 'referrers'; readonly name: string; readonly subject: string }
  | { readonly kind: 'blob'; readonly name: string; readonly digest: string }
  | { readonly kind: 'uploads'; readonly name: string }
  | { readonly kind: 'upload'; readonly name: string; readonly id: string };

/**
 * Reads a path from its end, as a repository's name may hold slashes.
 * @throws ProtocolError NAME_INVALID, DIGEST_INVALID, TAG_INVALID
 */
export function routeOf(path: string): Route | undefined {
  if (path === '/v2' || path === '/v2/') return { kind: 'base' };
  if (path === '/v2/_catalog') return { kind: 'catalog' };
  const [, version, ...parts] = path.split('/');
  if (version !== 'v2') return undefined;
  const [section, last] = parts.slice(-2);
  const beforeThat = parts.at(-3);
  if (beforeThat === 'blobs' && section === 'uploads' && last !== undefined) {
    const name = nameOf(parts.slice(0, -3));
    return last === '' ? { kind: 'uploads', name } : { kind: 'upload', name, id: last };
  }
  if (section === 'blobs' && last === 'uploads') return { kind: 'uploads', name: nameOf(parts.slice(0, -2)) };
  if (section === 'tags' && last === 'list') return { kind: 'tags', name: nameOf(parts.slice(0, -2)) };
  if (section === 'blobs' && last) return { kind: 'blob', name: nameOf(parts.slice(0, -2)), digest: digestOf(last) };
  if (section === 'referrers' && last) {
    return { kind: 'referrers', name: nameOf(parts.slice(0, -2)), subject: digestOf(last) };
  }
  if (section === 'manifests' && last) {
    return { kind: 'manifest', name: nameOf(parts.slice(0, -2)), reference: referenceOf(last) };
  }
  return undefined;
}

/** @throws ProtocolError DIGEST_INVALID */
export function digestOf(text: string): string {
  const digest = decoded(text);
  if (isDigest(digest)) return digest;
  throw new ProtocolError(400, 'DIGEST_INVALID', `'${digest}' is not a sha256 or sha512 digest`);
}

function referenceOf(text: string): string {
  const reference = decoded(text);
  if (reference.includes(':')) return digestOf(reference);
  if (isTag(reference)) return reference;
  throw new ProtocolError(400, 'TAG_INVALID', `'${reference}' is not a tag`);
}

function nameOf(parts: readonly string[]): string {
  const name = parts.join('/');
  if (isRepositoryName(name)) return name;
  throw new ProtocolError(400, 'NAME_INVALID', `'${name}' is not a repository name`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
