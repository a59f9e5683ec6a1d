import type { ContainerState } from '../runtime.ts';

/** What is read of `GET /containers/ID/json`. */
export interface InspectedContainer {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
  readonly Image: string;
  readonly HostConfig?: { readonly CgroupParent?: string };
  readonly Config: { readonly Image: string; readonly Labels?: Readonly<Record<string, string>> | null };
  readonly State: {
    readonly Status: string;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Error: string;
    readonly StartedAt: string;
    readonly FinishedAt: string;
    readonly Health?: { readonly Status: string } | null;
  };
}

/** @param wasStopped it ended because it was asked to */
export function containerState(inspected: InspectedContainer, wasStopped = false): ContainerState {
  const { State: state } = inspected;
  const status = statusOf(state.Status);
  const startedAtMs = timeOf(state.StartedAt);
  const finishedAtMs = timeOf(state.FinishedAt);
  const health = healthOf(state.Health?.Status);
  return {
    id: inspected.Id,
    name: inspected.Name.replace(/^\//, ''),
    labels: inspected.Config.Labels ?? {},
    image: inspected.Config.Image,
    imageId: inspected.Image,
    status,
    createdAtMs: Date.parse(inspected.Created),
    ...(status === 'running' && state.Pid > 0 ? { pid: state.Pid } : {}),
    ...(status === 'exited' ? { exitCode: state.ExitCode } : {}),
    ...(isOomKilled(inspected) && !wasStopped ? { oomKilled: true } : {}),
    ...(state.Error ? { error: state.Error } : {}),
    ...(health ? { health } : {}),
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(status !== 'exited' || finishedAtMs === undefined ? {} : { finishedAtMs }),
  };
}

/**
 * With control groups of version 1 the engine says it of every container below the group that ran out of memory, when they
 * end, however they end.
 */
function isOomKilled({ State: { OOMKilled, ExitCode, Status }, HostConfig }: InspectedContainer): boolean {
  if (!OOMKilled || !HostConfig?.CgroupParent) return OOMKilled;
  return ExitCode === 137 && statusOf(Status) === 'exited';
}

function statusOf(status: string): ContainerState['status'] {
  switch (status) {
    case 'created':
      return 'created';
    case 'running':
    case 'paused':
    case 'restarting':
      return 'running';
    default:
      return 'exited';
  }
}

function healthOf(status: string | undefined): ContainerState['health'] {
  return status === 'starting' || status === 'healthy' || status === 'unhealthy' ? status : undefined;
}

/** The engine says year 1 for never. */
function timeOf(text: string): number | undefined {
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) || timeMs <= 0 ? undefined : timeMs;
}
