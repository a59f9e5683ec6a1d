import type { ListenerRoutes, TargetGroupState } from '../load-balancer.ts';
import { leastOf } from './minimum.ts';
import type { SideFiles } from './rendered.ts';
import { groupSections, type GroupSections } from './sections.ts';
import { identifier } from './text.ts';

/** The name of a listener's socket on its nth address: the zone, where that matters. */
export function bindName({ zones }: Pick<ListenerRoutes, 'zones'>, at: number): string {
  return zones === undefined ? 'direct' : identifier(zones[at] ?? 'direct');
}

/** The ACL for connections of the sections' zone; empty for sections of all zones. */
export function zoneWords({ zone }: GroupSections): string {
  return zone === undefined ? '' : ` { var(txn.zone) -m str ${identifier(zone)} }`;
}

/**
 * Finds the zone of a connection, in txn.zone: that of the address it came to. One from the edge came to none: it gets a
 * zone by chance among those with enough healthy targets in each group, as DNS answers their addresses only.
 * @param rule `http-request` or `tcp-request content`
 */
export function zoneLines(
  { zones }: Pick<ListenerRoutes, 'zones'>,
  groups: readonly TargetGroupState[],
  rule: string,
  files: SideFiles,
): readonly string[] {
  if (zones === undefined) return [];
  const names = [...new Set(zones)].map(identifier);
  const edge = '{ so_name -m str edge }';
  const healthy = new Map(names.map((zone) => [zone, healthyWords(zone, groups, files)]));
  const draw = (at: number) => `${edge} !{ var(txn.zone) -m found } { var(txn.draw) -m int ${at} }`;
  const turns = names.map((_, at) => [...names.slice(at), ...names.slice(0, at)]);
  return [
    ...[...new Set([...healthy.values()].flatMap((it) => it.sets))].map((set) => `${rule} ${set}`),
    `${rule} set-var(txn.zone) so_name unless ${edge}`,
    `${rule} set-var(txn.draw) rand(${names.length}) if ${edge}`,
    ...turns.flatMap((turn, at) =>
      turn.map(
        (zone) =>
          `${rule} set-var(txn.zone) str(${zone}) if ${[draw(at), ...(healthy.get(zone)?.acls ?? [])].join(' ')}`,
      ),
    ),
    ...names.map((zone, at) => `${rule} set-var(txn.zone) str(${zone}) if ${draw(at)}`),
  ];
}

function healthyWords(zone: string, groups: readonly TargetGroupState[], files: SideFiles) {
  const least = groups.flatMap((group) =>
    groupSections(group)
      .filter((sections) => sections.zone === zone && group.zoneMinimum !== undefined)
      .map((sections) => ({ sections, ...leastOf(group.zoneMinimum ?? {}, group, sections, files) })),
  );
  return {
    sets: least.flatMap(({ set }) => set ?? []),
    acls: least.map(({ sections, reached }) => reached(`nbsrv(${sections.healthy})`)),
  };
}
