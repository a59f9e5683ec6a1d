import type { ListenerRoutes, TargetGroupState } from '../load-balancer.ts';
import { groupSections } from './sections.ts';
import type { SideFiles } from './rendered.ts';
import { digest, identifier, section } from './text.ts';
import { weightEntries } from './weights.ts';

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
    ...groups.flatMap(useLines),
  ]);
}

function useLines({ targetGroupId, minimumHealthyTargets }: TargetGroupState): readonly string[] {
  const { healthy, open } = groupSections(targetGroupId);
  const use = (name: string, least: number) =>
    `use_backend ${name} if { var(txn.tg) -m str ${identifier(targetGroupId)} } { nbsrv(${name}) ge ${least} }`;
  return [use(healthy, minimumHealthyTargets), use(open, 1)];
}
