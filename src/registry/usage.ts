import type { Store } from '../store/store.ts';
import type { BlobStore } from './blob-store.ts';
import { pagesOf } from './pages.ts';
import { blobLinks, manifests } from './tables.ts';

/** What one repository stores: each layer once, however many of its images have it, as ECR charges it. */
export interface RepositoryUsage {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly images: number;
  readonly blobs: number;
  /** Of its blobs and manifests. */
  readonly bytes: number;
}

export interface Usage {
  /** Those that store anything, in ascending order of account, region and name. */
  readonly repositories: readonly RepositoryUsage[];
  /** The sum of all repositories. */
  readonly repositoryBytes: number;
  /** What is on the disk for them: each blob once, whoever has it. */
  readonly storedBytes: number;
  /** What the repositories would take up besides, if each kept its own copies. */
  readonly savedBytes: number;
  /** Distinct blobs of the repositories. */
  readonly blobs: number;
  /** Blobs that no repository has any more: the next collections take them. */
  readonly unusedBlobs: number;
  readonly unusedBytes: number;
  /** Uploads on their way, or given up less than a day ago. */
  readonly uploads: number;
  readonly uploadBytes: number;
}

type Counted = { images: number; blobs: number; bytes: number };

export async function usageOf({ store, blobs }: { store: Store; blobs: BlobStore }): Promise<Usage> {
  const counted = new Map<string, Counted>();
  const of = (repository: string) => {
    const known = counted.get(repository) ?? { images: 0, blobs: 0, bytes: 0 };
    counted.set(repository, known);
    return known;
  };
  const distinct = new Map<string, number>();
  let manifestBytes = 0;
  for await (const page of pagesOf(store, blobLinks)) {
    for (const { repository, digest, sizeBytes } of page) {
      const usage = of(repository);
      usage.blobs++;
      usage.bytes += sizeBytes;
      distinct.set(digest, sizeBytes);
    }
  }
  for await (const page of pagesOf(store, manifests)) {
    for (const { repository, sizeBytes } of page) {
      const usage = of(repository);
      usage.images++;
      usage.bytes += sizeBytes;
      manifestBytes += sizeBytes;
    }
  }
  const repositories = [...counted].map(([key, usage]) => ({ ...namesIn(key), ...usage })).toSorted(byName);
  const repositoryBytes = repositories.reduce((sum, { bytes }) => sum + bytes, 0);
  const storedBytes = [...distinct.values()].reduce((sum, bytes) => sum + bytes, manifestBytes);
  return {
    repositories,
    repositoryBytes,
    storedBytes,
    savedBytes: repositoryBytes - storedBytes,
    blobs: distinct.size,
    ...(await leftOver(blobs, (digest) => distinct.has(digest))),
  };
}

async function leftOver(blobs: BlobStore, isUsed: (digest: string) => boolean) {
  const left = { unusedBlobs: 0, unusedBytes: 0, uploads: 0, uploadBytes: 0 };
  for await (const { digest, sizeBytes } of blobs.blobs()) {
    if (isUsed(digest)) continue;
    left.unusedBlobs++;
    left.unusedBytes += sizeBytes;
  }
  for await (const { sizeBytes } of blobs.uploads()) {
    left.uploads++;
    left.uploadBytes += sizeBytes;
  }
  return left;
}

/** `account/region/name`; the name may hold slashes. */
function namesIn(key: string): Pick<RepositoryUsage, 'account' | 'region' | 'name'> {
  const [account = '', region = '', ...name] = key.split('/');
  return { account, region, name: name.join('/') };
}

function byName(a: RepositoryUsage, b: RepositoryUsage): number {
  const text = ({ account, region, name }: RepositoryUsage) => `${account}/${region}/${name}`;
  return text(a) < text(b) ? -1 : 1;
}
