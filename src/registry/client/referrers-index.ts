import { RuntimeError } from '../../kernel/errors.ts';
import { digestOf } from '../digest.ts';
import type { ManifestRow } from '../tables.ts';
import type { ManifestToPush } from './registry-push.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The index of a subject's referrers with one more; undefined if it is there already.
 * @param text the index that is there, if there is one
 * @throws RuntimeError `rejected` if that is no index
 */
export function withReferrer(text: string | undefined, referrer: ManifestRow): ManifestToPush | undefined {
  const known = text === undefined ? { schemaVersion: 2, mediaType: INDEX, manifests: [] } : fieldsIn(text);
  const { manifests } = known;
  if (!Array.isArray(manifests)) throw noIndex();
  if (manifests.some((one: Fields | null) => one?.['digest'] === referrer.digest)) return undefined;
  const body = JSON.stringify({ ...known, manifests: [...manifests, descriptorOf(referrer)] });
  return { digest: digestOf(body), mediaType: INDEX, body };
}

function descriptorOf({ mediaType, digest, sizeBytes, artifactType, configMediaType, annotations }: ManifestRow) {
  const type = artifactType ?? configMediaType;
  return {
    mediaType,
    digest,
    size: sizeBytes,
    ...(type !== undefined && { artifactType: type }),
    ...(annotations && { annotations }),
  };
}

function fieldsIn(text: string): Fields {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed };
  } catch {
    // As for anything else that is none.
  }
  throw noIndex();
}

function noIndex(): RuntimeError {
  return new RuntimeError('rejected', "The other registry's list of referrers is no index.");
}
