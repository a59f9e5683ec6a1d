import type { ContainerState, PortBinding } from '../runtime.ts';

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
  readonly NetworkSettings?: { readonly Ports?: EnginePorts | null };
}

/** By `80/tcp`; null where a port is exposed only. */
type EnginePorts = Readonly<
  Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null | undefined>
>;

/**
 * @param seen.wasStopped it ended because it was asked to
 * @param seen.oomKilled the kernel says so, where the engine may have missed it
 */
export function containerState(
  inspected: InspectedContainer,
  seen: { readonly wasStopped?: boolean; readonly oomKilled?: boolean } = {},
): ContainerState {
  const { State: state } = inspected;
  const status = statusOf(state.Status);
  const startedAtMs = timeOf(state.StartedAt);
  const finishedAtMs = timeOf(state.FinishedAt);
  const health = healthOf(state.Health?.Status);
  const ports = status === 'running' ? portBindings(inspected.NetworkSettings?.Ports ?? {}) : [];
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
    ...((isOomKilled(inspected) || seen.oomKilled) && !seen.wasStopped ? { oomKilled: true } : {}),
    ...(state.Error ? { error: state.Error } : {}),
    ...(health ? { health } : {}),
    ...(ports.length > 0 ? { ports } : {}),
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(status !== 'exited' || finishedAtMs === undefined ? {} : { finishedAtMs }),
  };
}

export function wasKilled({ State: { Status, ExitCode } }: InspectedContainer): boolean {
  return statusOf(Status) === 'exited' && ExitCode === 137;
}

function portBindings(ports: EnginePorts): readonly PortBinding[] {
  const bindings = Object.entries(ports).flatMap(([name, bound]): PortBinding[] => {
    const [port, protocol] = name.split('/');
    if (protocol !== 'tcp' && protocol !== 'udp') return [];
    return (bound ?? []).map(({ HostIp, HostPort }) => ({
      bindIp: HostIp,
      containerPort: Number(port),
      hostPort: Number(HostPort),
      protocol,
    }));
  });
  return bindings.toSorted((a, b) => a.containerPort - b.containerPort || a.hostPort - b.hostPort);
}

/**
 * With control groups of version 1 the engine says it of every container below the group that ran out of memory, when they
 * end, however they end.
 */
function isOomKilled(inspected: InspectedContainer): boolean {
  const { State, HostConfig } = inspected;
  if (!State.OOMKilled || !HostConfig?.CgroupParent) return State.OOMKilled;
  return wasKilled(inspected);
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
