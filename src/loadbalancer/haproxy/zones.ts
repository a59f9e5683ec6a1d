import type { ListenerRoutes, TargetGroupState } from '../load-balancer.ts';
import { leastOf } from './minimum.ts';
import type { SideFiles } from './rendered.ts';
import { groupSections, type GroupSections } from './sections.ts';
import { identifier } from './text.ts';

/** An ACL for connections from the edge. */
const EDGE = '{ so_name -m str edge }';

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
  const failing = (zone: string) => `txn.failing_${names.indexOf(zone)}`;
  const draw = (at: number) => `${EDGE} !{ var(txn.zone) -m found } { var(txn.draw) -m int ${at} }`;
  const turns = names.map((_, at) => [...names.slice(at), ...names.slice(0, at)]);
  return [
    ...names.flatMap((zone) => failingLines(zone, failing(zone), groups, files).map((line) => `${rule} ${line}`)),
    `${rule} set-var(txn.zone) so_name unless ${EDGE}`,
    `${rule} set-var(txn.draw) rand(${names.length}) if ${EDGE}`,
    ...turns.flatMap((turn, at) =>
      turn.map((zone) => `${rule} set-var(txn.zone) str(${zone}) if ${draw(at)} !{ var(${failing(zone)}) -m found }`),
    ),
    ...names.map((zone, at) => `${rule} set-var(txn.zone) str(${zone}) if ${draw(at)}`),
  ];
}

/** Sets a variable where some group has too few healthy targets in the zone: a line for each, for it has many groups. */
function failingLines(
  zone: string,
  variable: string,
  groups: readonly TargetGroupState[],
  files: SideFiles,
): readonly string[] {
  return groups.flatMap((group) =>
    groupSections(group)
      .filter((sections) => sections.zone === zone && group.zoneMinimum !== undefined)
      .flatMap((sections) => {
        const least = leastOf(group.zoneMinimum ?? {}, group, sections, files);
        return [
          ...(least.set === undefined ? [] : [`${least.set} if ${EDGE}`]),
          `set-var(${variable}) bool(true) if ${EDGE} ${least.missed(`nbsrv(${sections.healthy})`)}`,
        ];
      }),
  );
}
