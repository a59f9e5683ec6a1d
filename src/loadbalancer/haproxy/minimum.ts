import type { TargetGroupState } from '../load-balancer.ts';
import type { SideFiles } from './rendered.ts';
import { isIn, type GroupSections } from './sections.ts';
import { digest } from './text.ts';

export interface Minimum {
  readonly count?: number;
  /** Of the group's targets, those of the sections' zone. */
  readonly percent?: number;
}

/** With fewer, every target of the sections gets requests. */
export function routingMinimum({ minimumHealthyTargets, minimumHealthyPercent }: TargetGroupState): Minimum {
  return {
    count: minimumHealthyTargets,
    ...(minimumHealthyPercent === undefined ? {} : { percent: minimumHealthyPercent }),
  };
}

/**
 * ACLs on how many servers are usable: `fetch` must reach the minimum, or must not. A share depends on how many targets
 * there are, so it is in a map, and targets come and go without a reload.
 */
export function leastOf(
  minimum: Minimum,
  group: Pick<TargetGroupState, 'targetGroupId' | 'targets'>,
  sections: GroupSections,
  files: SideFiles,
): { readonly reached: (fetch: string) => string; readonly missed: (fetch: string) => string; readonly set?: string } {
  const { count = 0, percent } = minimum;
  if (percent === undefined) {
    return {
      reached: (fetch) => `{ ${fetch} ge ${count} }`,
      missed: (fetch) => `{ ${fetch} -m int lt ${count} }`,
    };
  }
  const id = digest(`${sections.healthy} ${count} ${percent}`);
  const total = group.targets.filter((target) => !target.draining && isIn(sections, target)).length;
  const least = Math.max(count, Math.ceil((total * percent) / 100));
  const path = files.addMap('least', id, [['least', String(least)]]);
  return {
    reached: (fetch) => `{ ${fetch},sub(txn.least_${id}) -m int ge 0 }`,
    missed: (fetch) => `{ ${fetch},sub(txn.least_${id}) -m int lt 0 }`,
    set: `set-var(txn.least_${id}) str(least),map_str_int(${path},${count})`,
  };
}
