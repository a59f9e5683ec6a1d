import type { TargetGroupState } from '../load-balancer.ts';
import { identifier } from './text.ts';

/** Which section takes a target group's requests when it has healthy targets, and which when it has none. */
export interface GroupSections {
  readonly healthy: string;
  readonly open: string;
  /** The Availability Zone whose requests and targets these are of; all when left out. */
  readonly zone?: string;
}

/** The sections of a target group: a pair, or one for each zone when it keeps to zones. */
export function groupSections({
  targetGroupId,
  zones,
}: Pick<TargetGroupState, 'targetGroupId' | 'zones'>): readonly GroupSections[] {
  const id = identifier(targetGroupId);
  if (!zones) return [{ healthy: `tg_${id}`, open: `open_${id}` }];
  return zones.map((zone) => ({
    healthy: `tg_${id}:${identifier(zone)}`,
    open: `open_${id}:${identifier(zone)}`,
    zone,
  }));
}

export function sectionNames(group: Pick<TargetGroupState, 'targetGroupId' | 'zones'>): readonly string[] {
  return groupSections(group).flatMap(({ healthy, open }) => [healthy, open]);
}

/** The target group whose section this is, as the runtime socket names it. */
export function groupOfSection(name: string): string | undefined {
  return name.startsWith('tg_') ? withoutZone(name.slice(3)) : undefined;
}

/** The same for both kinds of sections. */
export function groupOfAnySection(name: string): string {
  return withoutZone(name.replace(/^(tg|open)_/, ''));
}

function withoutZone(name: string): string {
  return name.split(':')[0] ?? '';
}

/** The open section beside one whose servers are checked. */
export function openBeside(healthy: string): string {
  return healthy.replace(/^tg_/, 'open_');
}

/** True for a section whose servers are targets: others have servers that stay. */
export function hasTargets(sectionName: string): boolean {
  return sectionName.startsWith('tg_') || sectionName.startsWith('open_');
}

/** Whether a target stands in these sections. */
export function isIn(sections: GroupSections, target: { readonly zone?: string }): boolean {
  const { zone = 'all' } = target;
  return sections.zone === undefined || zone === sections.zone || zone === 'all';
}
