import type { CountType, LifecyclePolicy, LifecycleRule, TagFilter, TagSelection } from './lifecycle-policy.ts';
import { fitsWildcard } from './wildcard.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** An image as the rules see it. */
export interface LifecycleImage {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly storageClass: 'STANDARD' | 'ARCHIVE';
  readonly pushedAtMs: number;
  /** Left out: never pulled. */
  readonly pulledAtMs?: number;
  /** When it was last put into the archive, and taken out of it. */
  readonly archivedAtMs?: number;
  readonly activatedAtMs?: number;
  /** The digests of the indexes (manifest lists) that hold it. */
  readonly indexes: readonly string[];
  /** The image that this one says something about: a signature's, an SBOM's. */
  readonly subject?: string;
  /** Counts as any other, but is left alone. */
  readonly isSpared?: boolean;
}

export interface Verdict {
  readonly digest: string;
  readonly action: LifecycleRule['action'];
  /** Left out where an artifact follows its subject. */
  readonly rulePriority?: number;
}

/**
 * Which image is taken by which rule, oldest first.
 *
 * - Every rule sees all images that it selects, as if none were taken. The first rule that selects an image, whether or
 *   not it takes it, is the only one that may.
 * - What an index holds counts, and stays until the index is gone; to be archived, the index may be archived as well.
 * - An artifact with a subject is selected by no rule: it goes, or is archived, after its subject.
 *
 * Images that wait for another one (an index, a subject) are found by the next evaluation, once that one is gone.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export function evaluateLifecycle(
  images: readonly LifecycleImage[],
  policy: LifecyclePolicy,
  now: number,
): readonly Verdict[] {
  const byDigest = new Map(images.map((image) => [image.digest, image]));
  const oldestFirst = images.toSorted(byAge);
  const free = oldestFirst.filter((image) => image.subject === undefined);
  const verdicts = new Map<string, Verdict>();
  const seen = new Set<string>();
  for (const rule of policy.toSorted((a, b) => a.priority - b.priority)) {
    const selected = free.filter((image) => selects(rule, image));
    for (const { digest } of marked(rule, selected, now)) {
      if (!seen.has(digest)) verdicts.set(digest, { digest, action: rule.action, rulePriority: rule.priority });
    }
    for (const { digest } of selected) seen.add(digest);
  }
  for (const image of oldestFirst) {
    const action = followed(image, byDigest, now);
    if (action) verdicts.set(image.digest, { digest: image.digest, action });
  }
  return oldestFirst.flatMap((image) => {
    const verdict = verdicts.get(image.digest);
    return verdict && mayBeTaken(image, verdict.action, byDigest) ? [verdict] : [];
  });
}

/** Whether an image meets a rule's tag requirements, in its storage class. */
function selects({ tags, storageClass }: LifecycleRule, image: LifecycleImage): boolean {
  return image.storageClass === storageClass && fits(tags, image.tags);
}

function fits(selection: TagSelection, tags: readonly string[]): boolean {
  if (selection.status !== 'tagged') return selection.status === 'any' || tags.length === 0;
  return selection.filters.every((filter) => tags.some((tag) => matches(filter, tag)));
}

/** Whether a tag begins as a filter's prefix, or is what its pattern fits. */
export function matches(filter: TagFilter, tag: string): boolean {
  return 'prefix' in filter ? tag.startsWith(filter.prefix) : fitsWildcard(filter.pattern, tag);
}

/** @param selected oldest first */
function marked({ count }: LifecycleRule, selected: readonly LifecycleImage[], now: number): readonly LifecycleImage[] {
  if (count.type === 'imageCountMoreThan') return selected.slice(0, Math.max(0, selected.length - count.number));
  const sinceMs = SINCE[count.type];
  return selected.filter((image) => sinceMs(image) < now - count.number * DAY_MS);
}

const SINCE: Readonly<Record<Exclude<CountType, 'imageCountMoreThan'>, (image: LifecycleImage) => number>> = {
  sinceImagePushed: activeSinceMs,
  sinceImagePulled: lastUsedMs,
  sinceImageTransitioned: ({ archivedAtMs }) => archivedAtMs ?? Infinity,
};

/** An image that came back from the archive is as old as its return. */
function activeSinceMs({ pushedAtMs, activatedAtMs }: LifecycleImage): number {
  return activatedAtMs ?? pushedAtMs;
}

/** The last pull; that of its return from the archive or else of its push where none came after. */
function lastUsedMs({ pushedAtMs, pulledAtMs, activatedAtMs }: LifecycleImage): number {
  if (pulledAtMs === undefined && activatedAtMs === undefined) return pushedAtMs;
  return Math.max(pulledAtMs ?? 0, activatedAtMs ?? 0);
}

/** What has happened to an artifact's subject, where the artifact must follow. */
function followed(
  image: LifecycleImage,
  images: ReadonlyMap<string, LifecycleImage>,
  now: number,
): Verdict['action'] | undefined {
  if (image.subject === undefined) return undefined;
  const subject = images.get(image.subject);
  // An artifact may come before its subject: ECR takes up to a day to follow, so the subject has as long to come.
  if (!subject) return image.pushedAtMs < now - DAY_MS ? 'EXPIRE' : undefined;
  return subject.storageClass === 'ARCHIVE' && image.storageClass === 'STANDARD' ? 'ARCHIVE' : undefined;
}

function mayBeTaken(
  { isSpared, indexes }: LifecycleImage,
  action: Verdict['action'],
  images: ReadonlyMap<string, LifecycleImage>,
): boolean {
  if (isSpared) return false;
  return action === 'ARCHIVE'
    ? indexes.every((digest) => images.get(digest)?.storageClass === 'ARCHIVE')
    : indexes.length === 0;
}

/** Oldest first; of the same age by digest, so that the order of `images` never matters. */
function byAge(a: LifecycleImage, b: LifecycleImage): number {
  return ageOf(a) - ageOf(b) || (a.digest < b.digest ? -1 : Number(a.digest > b.digest));
}

function ageOf(image: LifecycleImage): number {
  return image.storageClass === 'ARCHIVE' ? (image.archivedAtMs ?? image.pushedAtMs) : activeSinceMs(image);
}
