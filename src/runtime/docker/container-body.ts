import { RuntimeError } from '../../kernel/errors.ts';
import type { ContainerSpec, HealthCheck, Mount, PublishedPort } from '../runtime.ts';

const MS_PER_SECOND = 1000;
const NANOS_PER_MS = 1_000_000;
const NANOS_PER_CPU = 1_000_000_000;
const UNITS_PER_CPU = 1024;
/** The kernel's lowest weight, and the engine's lowest limit. */
const MIN_SHARES = 2;
const MIN_NANO_CPUS = NANOS_PER_CPU / 100;

const NESTED_ENGINE = {
  CgroupnsMode: 'private',
  DeviceCgroupRules: ['a *:* rwm'],
  MaskedPaths: [],
  ReadonlyPaths: [],
};

/** The body of `POST /containers/create`. The engine refuses a limit above the host's `cpus`: that is no limit anyway. */
export function containerBody(spec: ContainerSpec, cpus: number): object {
  return {
    Image: spec.image,
    Labels: spec.labels,
    Env: Object.entries(spec.environment ?? {}).map(([name, value]) => `${name}=${value}`),
    ...(spec.entryPoint?.length ? { Entrypoint: spec.entryPoint } : {}),
    ...(spec.command?.length ? { Cmd: spec.command } : {}),
    ...(spec.workingDirectory ? { WorkingDir: spec.workingDirectory } : {}),
    ...(spec.user ? { User: spec.user } : {}),
    ...(spec.hostname ? { Hostname: spec.hostname } : {}),
    ...(spec.stopSignal ? { StopSignal: spec.stopSignal } : {}),
    ...(spec.stopTimeoutMs === undefined ? {} : { StopTimeout: Math.ceil(spec.stopTimeoutMs / MS_PER_SECOND) }),
    ...(spec.interactive ? { OpenStdin: true } : {}),
    ...(spec.pseudoTerminal ? { Tty: true } : {}),
    ...(spec.network === 'bare' ? { NetworkDisabled: true } : {}),
    ...(spec.ports?.length ? { ExposedPorts: Object.fromEntries(spec.ports.map((port) => [portName(port), {}])) } : {}),
    ...(spec.healthCheck ? { Healthcheck: healthBody(spec.healthCheck) } : {}),
    HostConfig: hostBody(spec, cpus),
  };
}

function hostBody(spec: ContainerSpec, cpus: number): object {
  return {
    NetworkMode: spec.network === 'bare' ? 'none' : spec.network,
    LogConfig: logBody(spec),
    ...(spec.ports?.length ? { PortBindings: portBindings(spec.ports) } : {}),
    ...(spec.links?.length ? { Links: spec.links.map(({ container, alias }) => `${container}:${alias}`) } : {}),
    ...resourceBody(spec, cpus),
    ...mountBody(spec.mounts ?? []),
    ...(spec.volumesFrom?.length
      ? { VolumesFrom: spec.volumesFrom.map((from) => `${from.container}${from.readOnly ? ':ro' : ''}`) }
      : {}),
    ...isolationBody(spec),
    ...(spec.extraHosts?.length
      ? { ExtraHosts: spec.extraHosts.map((host) => `${host.hostname}:${host.ipAddress}`) }
      : {}),
    ...(spec.dnsServers?.length ? { Dns: spec.dnsServers } : {}),
    ...(spec.dnsSearch?.length ? { DnsSearch: spec.dnsSearch } : {}),
    ...(spec.init ? { Init: true } : {}),
  };
}

/** Of IPv4 only: an instance has no address of the other kind. */
function portBindings(ports: readonly PublishedPort[]): object {
  const byPort = Map.groupBy(ports, portName);
  return Object.fromEntries(
    [...byPort].map(([name, same]) => [
      name,
      same.map(({ hostPort }) => ({ HostIp: '0.0.0.0', HostPort: hostPort === 0 ? '' : String(hostPort) })),
    ]),
  );
}

function portName({ containerPort, protocol }: PublishedPort): string {
  return `${containerPort}/${protocol}`;
}

function resourceBody(spec: ContainerSpec, cpus: number): object {
  return {
    ...(spec.cpuShares === undefined ? {} : { CpuShares: Math.max(MIN_SHARES, Math.round(spec.cpuShares)) }),
    ...(spec.cpuLimit === undefined ? {} : { NanoCpus: nanoCpus(spec.cpuLimit, cpus) }),
    // Swap is counted in, so that a limit is one.
    ...(spec.memoryLimitBytes === undefined
      ? {}
      : { Memory: spec.memoryLimitBytes, MemorySwap: spec.memoryLimitBytes + (spec.swapBytes ?? 0) }),
    ...(spec.memoryReservationBytes === undefined ? {} : { MemoryReservation: spec.memoryReservationBytes }),
    ...(spec.swappiness === undefined ? {} : { MemorySwappiness: spec.swappiness }),
    ...(spec.sharedMemoryBytes === undefined ? {} : { ShmSize: spec.sharedMemoryBytes }),
    ...(spec.cgroupParent ? { CgroupParent: spec.cgroupParent } : {}),
    ...(spec.ulimits?.length
      ? { Ulimits: spec.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })) }
      : {}),
  };
}

function isolationBody(spec: ContainerSpec): object {
  return {
    ...(spec.readonlyRootFilesystem ? { ReadonlyRootfs: true } : {}),
    ...(spec.capabilities?.add.length ? { CapAdd: spec.capabilities.add } : {}),
    ...(spec.capabilities?.drop.length ? { CapDrop: spec.capabilities.drop } : {}),
    ...(spec.privileged ? { Privileged: true } : {}),
    ...(spec.nestedEngine ? NESTED_ENGINE : {}),
    ...(spec.securityOptions?.length ? { SecurityOpt: spec.securityOptions } : {}),
    ...(spec.pidMode ? { PidMode: spec.pidMode } : {}),
    ...(spec.ipcMode ? { IpcMode: spec.ipcMode } : {}),
    ...(spec.systemControls ? { Sysctls: spec.systemControls } : {}),
    ...(spec.devices?.length
      ? {
          Devices: spec.devices.map(({ hostPath, containerPath, permissions }) => ({
            PathOnHost: hostPath,
            PathInContainer: containerPath,
            CgroupPermissions: permissions,
          })),
        }
      : {}),
  };
}

/** Directories of the host as `Binds`, which makes them where they are missing, as the ECS agent has it. */
function mountBody(mounts: readonly Mount[]): object {
  const binds = mounts.filter((mount) => mount.kind === 'bind').map((mount) => bindText(mount));
  const volumes = mounts
    .filter((mount) => mount.kind === 'volume')
    .map(({ source, target, readOnly }) => ({ Type: 'volume', Source: source, Target: target, ReadOnly: readOnly }));
  const tmpfs = mounts
    .filter((mount) => mount.kind === 'tmpfs')
    .map(({ target, sizeBytes, options }) => [target, [`size=${sizeBytes}`, ...options].join(',')]);
  return {
    ...(binds.length > 0 ? { Binds: binds } : {}),
    ...(volumes.length > 0 ? { Mounts: volumes } : {}),
    ...(tmpfs.length > 0 ? { Tmpfs: Object.fromEntries(tmpfs) } : {}),
  };
}

function bindText({ source, target, readOnly }: Mount & { kind: 'bind' }): string {
  if (`${source}${target}`.includes(':')) {
    throw new RuntimeError('rejected', `invalid volume specification: '${source}:${target}': a path has no colon`);
  }
  return `${source}:${target}${readOnly ? ':ro' : ''}`;
}

/** Said outright, since a host's default driver may be one that cannot be read back. */
function logBody(spec: ContainerSpec): object {
  return spec.discardOutput ? { Type: 'none' } : { Type: 'json-file', Config: { 'max-size': '32m', 'max-file': '3' } };
}

function nanoCpus(units: number, cpus: number): number {
  const wanted = Math.round((units / UNITS_PER_CPU) * NANOS_PER_CPU);
  return Math.max(MIN_NANO_CPUS, Math.min(wanted, cpus * NANOS_PER_CPU));
}

function healthBody(check: HealthCheck): object {
  return {
    Test: check.test,
    Interval: check.intervalMs * NANOS_PER_MS,
    Timeout: check.timeoutMs * NANOS_PER_MS,
    Retries: check.retries,
    StartPeriod: check.startPeriodMs * NANOS_PER_MS,
  };
}
