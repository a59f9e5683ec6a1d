import { identifier } from './text.ts';

/** Which section takes a target group's requests when it has healthy targets, and which when it has none. */
export interface GroupSections {
  readonly healthy: string;
  readonly open: string;
}

export function groupSections(targetGroupId: string): GroupSections {
  return { healthy: `tg_${identifier(targetGroupId)}`, open: `open_${identifier(targetGroupId)}` };
}

export function sectionNames(targetGroupId: string): readonly string[] {
  const { healthy, open } = groupSections(targetGroupId);
  return [healthy, open];
}

/** The target group whose section this is, as the runtime socket names it. */
export function groupOfSection(name: string): string | undefined {
  return name.startsWith('tg_') ? name.slice(3) : undefined;
}

/** True for a section whose servers are targets: others have servers that stay. */
export function hasTargets(sectionName: string): boolean {
  return sectionName.startsWith('tg_') || sectionName.startsWith('open_');
}
