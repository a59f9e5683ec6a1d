import type { LifecycleImage } from './lifecycle-evaluation.ts';

export const DAY_MS = 24 * 60 * 60 * 1000;
export const NOW = Date.UTC(2026, 0, 1);

/** An image of the user guide's tables: its letter is its digest. */
export function pushed(
  digest: string,
  daysAgo: number,
  tags: readonly string[] = [],
  more: Partial<LifecycleImage> = {},
): LifecycleImage {
  return { digest, tags, storageClass: 'STANDARD', pushedAtMs: NOW - daysAgo * DAY_MS, indexes: [], ...more };
}

export interface RuleText {
  readonly rulePriority: number;
  readonly selection: object;
  readonly action: object;
}

export function ruleText(
  rulePriority: number,
  selection: object,
  action: 'expire' | 'transition' | object = 'expire',
): RuleText {
  const named = typeof action === 'object' ? action : actionOf(action);
  return { rulePriority, selection, action: named };
}

function actionOf(type: 'expire' | 'transition'): object {
  return type === 'expire' ? { type } : { type, targetStorageClass: 'archive' };
}

/** A policy's text, long enough to be one. */
export function policyText(...rules: readonly unknown[]): string {
  return JSON.stringify({ rules }).padEnd(100);
}

export const older = (countNumber: number) => ({ countType: 'sinceImagePushed', countUnit: 'days', countNumber });
export const notPulled = (countNumber: number) => ({ countType: 'sinceImagePulled', countUnit: 'days', countNumber });
export const moreThan = (countNumber: number) => ({ countType: 'imageCountMoreThan', countNumber });
export const archivedFor = (countNumber: number) => ({
  storageClass: 'archive',
  countType: 'sinceImageTransitioned',
  countUnit: 'days',
  countNumber,
});
export const tagged = (...tagPatternList: readonly string[]) => ({ tagStatus: 'tagged', tagPatternList });
export const untagged = { tagStatus: 'untagged' };
export const any = { tagStatus: 'any' };
