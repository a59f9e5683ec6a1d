import type { ListenerRoutes, TargetGroupState } from '../load-balancer.ts';
import { leastOf, routingMinimum } from './minimum.ts';
import { groupSections } from './sections.ts';
import type { SideFiles } from './rendered.ts';
import { digest, identifier, section } from './text.ts';
import { weightEntries } from './weights.ts';
import { zoneLines, zoneWords } from './zones.ts';

/** Listeners and target groups that pass connections on, whatever is said over them. */
export function isStream(protocol: ListenerRoutes['protocol']): boolean {
  return protocol === 'TCP' || protocol === 'TLS';
}

export function streamDefaults(): string {
  return section('defaults', [
    'mode tcp',
    'timeout connect 10s',
    'timeout client 350s',
    'timeout server 350s',
    'retries 2',
    'option redispatch 1',
    'load-server-state-from-file global',
  ]);
}

export interface StreamSurroundings {
  readonly files: SideFiles;
  /** `bind` lines. */
  readonly binds: readonly string[];
  /** The target groups that connections of the load balancer may go to. */
  readonly groups: readonly TargetGroupState[];
}

/** Which target group takes a connection is drawn by weights, as for requests. Without a usable target it is closed. */
export function streamFrontend(listener: ListenerRoutes, { files, binds, groups }: StreamSurroundings): string {
  const forward = listener.rules.at(-1)?.action;
  const targets = forward?.type === 'forward' ? forward.targets : [];
  const weights = files.addMap('weights', digest(listener.listenerId), weightEntries(targets));
  return section(`frontend ${identifier(listener.listenerId)}`, [
    'mode tcp',
    ...binds,
    `timeout client ${listener.idleTimeoutMs}ms`,
    `tcp-request content set-var(txn.tg) rand(1000000),map_int(${weights})`,
    ...zoneLines(listener, groups, 'tcp-request content', files),
    ...groups.flatMap((group) => useLines(group, files)),
  ]);
}

function useLines(group: TargetGroupState, files: SideFiles): readonly string[] {
  const chosen = `{ var(txn.tg) -m str ${identifier(group.targetGroupId)} }`;
  return groupSections(group).flatMap((sections) => {
    const least = leastOf(routingMinimum(group), group, sections, files);
    const use = (name: string, enough: string) => `use_backend ${name} if ${chosen}${zoneWords(sections)} ${enough}`;
    return [
      ...(least.set === undefined ? [] : [`tcp-request content ${least.set} if ${chosen}`]),
      use(sections.healthy, least.reached(`nbsrv(${sections.healthy})`)),
      use(sections.open, `{ nbsrv(${sections.open}) ge 1 }`),
    ];
  });
}
