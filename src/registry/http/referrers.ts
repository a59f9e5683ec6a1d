import { isArchived } from '../images.ts';
import { MAX_MANIFEST_BYTES } from '../manifest.ts';
import type { ManifestRow } from '../tables.ts';
import { answerText } from './exchange.ts';
import type { Exchange } from './exchange.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
/** A page is an index, and clients take an index of this size: room is left for what is around the descriptors. */
const PAGE_BYTES = MAX_MANIFEST_BYTES - 1024;

/** What an index says of one of its manifests: OCI image-spec, `descriptor.md`. */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Signatures, SBOMs and whatever else has `subject` as its subject, which need not be there, in order of their digests
 * from after `last`; `Link` leads to the next page. As ECR's ListImageReferrers, it leaves out what is archived.
 */
export async function listReferrers(exchange: Exchange, name: string, subject: string): Promise<void> {
  const { registry, scope, query, res } = exchange;
  const artifactType = query.get('artifactType');
  const after = query.get('last') ?? '';
  const rows = await registry.store.read(async (tx) =>
    registry.images.referrersOf(tx, await registry.repository(tx, scope, name), subject),
  );
  const wanted = rows
    .filter((row) => row.digest > after && !isArchived(row))
    .map(descriptorOf)
    .filter((descriptor) => artifactType === null || descriptor.artifactType === artifactType);
  const page = fitting(wanted);
  const last = page.at(-1)?.digest;
  const next = new URLSearchParams({ ...(artifactType !== null && { artifactType }), last: last ?? '' });
  answerText(res, 200, INDEX, JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: page }), {
    ...(artifactType !== null && { 'OCI-Filters-Applied': 'artifactType' }),
    ...(page.length < wanted.length && { Link: `</v2/${name}/referrers/${subject}?${next.toString()}>; rel="next"` }),
  });
}

/** An image that says no type of artifact is of its config's. */
function descriptorOf(row: ManifestRow): Descriptor {
  const artifactType = row.artifactType ?? row.configMediaType;
  return {
    mediaType: row.mediaType,
    digest: row.digest,
    size: row.sizeBytes,
    ...(artifactType !== undefined && { artifactType }),
    ...(row.annotations && { annotations: row.annotations }),
  };
}

/** The first of them that fit in a page, one at least. */
function fitting(descriptors: readonly Descriptor[]): readonly Descriptor[] {
  let bytes = 0;
  const end = descriptors.findIndex((descriptor, i) => {
    bytes += Buffer.byteLength(JSON.stringify(descriptor)) + 1;
    return bytes > PAGE_BYTES && i > 0;
  });
  return end < 0 ? descriptors : descriptors.slice(0, end);
}
