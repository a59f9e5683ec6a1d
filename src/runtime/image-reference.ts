/** The parts of `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`. */
export interface ImageReference {
  /** Host and path, as written. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:...` */
  readonly digest?: string;
}

/** Without a tag and a digest the tag is `latest`, as for every Docker client. */
export function parseImageReference(text: string): ImageReference {
  const [named = '', digest] = text.split('@', 2);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const repository = colon < 0 ? named : named.slice(0, colon);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  if (digest !== undefined) return { repository, ...(tag === undefined ? {} : { tag }), digest };
  return { repository, tag: tag ?? 'latest' };
}

/** Docker's short form, which the engine uses in RepoDigests: `docker.io/library/nginx` is `nginx`. */
export function familiarRepository(repository: string): string {
  return repository.replace(/^(index\.)?docker\.io\//, '').replace(/^library\/(?=[^/]+$)/, '');
}
