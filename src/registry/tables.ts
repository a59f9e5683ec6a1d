import type { Scope } from '../kernel/arn.ts';
import { table } from '../store/store.ts';
import type { Table } from '../store/store.ts';

/*
 *   registry.manifests        account/region/name@digest   what an image is made of, never its bytes
 *   registry.manifest-bodies  account/region/name@digest   the bytes as they were pushed
 *   registry.tags             account/region/name:tag      -> digest
 *   registry.blob-links       account/region/name@digest   this repository may serve that blob
 *   registry.uploads          id                           a blob on its way in; its bytes are in the BlobStore
 *   registry.pulls            account/region/name@digest   when an image was last pulled, see pulls.ts
 *   registry.upstream-tags    account/region/name:tag      what another registry said a tag is, see pull-through/
 *   registry.imports          account/region/name@digest   an image on its way from another registry
 */

/** A manifest that was pushed to a repository. */
export interface ManifestRow {
  readonly repository: string;
  readonly digest: string;
  readonly mediaType: string;
  /** Of the manifest itself. */
  readonly sizeBytes: number;
  /** Of its config and layers as stored; for an index, the largest of its images, as ECR counts it. */
  readonly imageSizeBytes: number;
  /** Config and layers, each once. */
  readonly blobs: readonly string[];
  /** The images of an index. */
  readonly manifests: readonly string[];
  readonly configMediaType?: string;
  readonly artifactType?: string;
  /** The digest of the manifest that this one says something about. It need not exist. */
  readonly subject?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** When this digest first came. */
  readonly pushedAtMs: number;
  /** ARCHIVE cannot be pulled until it is restored or pushed again. STANDARD where left out. */
  readonly storageClass?: 'STANDARD' | 'ARCHIVE';
  readonly lastArchivedAtMs?: number;
  readonly lastActivatedAtMs?: number;
}

export interface ManifestBodyRow {
  readonly repository: string;
  readonly digest: string;
  /** UTF-8 text, byte for byte what was pushed. */
  readonly body: string;
}

export interface TagRow {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  readonly taggedAtMs: number;
}

export interface BlobLinkRow {
  readonly repository: string;
  readonly digest: string;
  readonly sizeBytes: number;
  /** When a client last pushed, mounted or (within some hours) asked for it: a push may be about to need it. */
  readonly usedAtMs: number;
}

export interface UploadRow {
  readonly id: string;
  readonly repository: string;
  readonly startedAtMs: number;
  /** Of an upload by ECR's API: the part that was begun last, from byte to byte. */
  readonly lastPart?: { readonly first: number; readonly last: number };
  /** A part that was not the last is smaller than ECR takes. */
  readonly hasSmallPart?: true;
}

/** Apart from the manifest's own row, which others wait to write. */
export interface PullRow {
  readonly repository: string;
  readonly digest: string;
  readonly pulledAtMs: number;
}

/** What a tag was in the registry that this repository caches. */
export interface UpstreamTagRow {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  /** When the other registry last said so. */
  readonly checkedAtMs: number;
  /** Until when it is not asked again. */
  readonly freshUntilMs: number;
}

/** A manifest of another registry that clients are served already, while what it is made of is not all here. */
export interface ImportRow extends Scope {
  readonly repository: string;
  readonly name: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly body: string;
  readonly askedAtMs: number;
}

/** The key of a manifest, a body, a blob link or a pull. */
export function atDigest(repository: string, digest: string): string {
  return `${repository}@${digest}`;
}

export function atTag(repository: string, tag: string): string {
  return `${repository}:${tag}`;
}

const byDigest = (row: { repository: string; digest: string }) => atDigest(row.repository, row.digest);

export const manifests = table<ManifestRow>('registry.manifests', byDigest, {
  blob: (row) => row.blobs.map((digest) => atDigest(row.repository, digest)),
  child: (row) => row.manifests.map((digest) => atDigest(row.repository, digest)),
  subject: (row) => row.subject && atDigest(row.repository, row.subject),
});

export const manifestBodies = table<ManifestBodyRow>('registry.manifest-bodies', byDigest);

export const tags = table<TagRow>('registry.tags', (row) => atTag(row.repository, row.tag), { manifest: byDigest });

export const blobLinks = table<BlobLinkRow>('registry.blob-links', byDigest, { digest: (row) => row.digest });

export const uploads = table<UploadRow>('registry.uploads', (row) => row.id, { repository: (row) => row.repository });

export const pulls = table<PullRow>('registry.pulls', byDigest);

export const upstreamTags = table<UpstreamTagRow>('registry.upstream-tags', (row) => atTag(row.repository, row.tag), {
  image: byDigest,
});

export const imports = table<ImportRow>('registry.imports', byDigest, { repository: (row) => row.repository });

export const registryTables: readonly Table<any>[] = [
  manifests,
  manifestBodies,
  tags,
  blobLinks,
  uploads,
  pulls,
  upstreamTags,
  imports,
];
