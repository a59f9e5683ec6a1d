import type { ContainerSpec, HealthCheck } from '../runtime.ts';

const NANOS_PER_MS = 1_000_000;
const NANOS_PER_CPU = 1_000_000_000;
const UNITS_PER_CPU = 1024;
/** The kernel's lowest weight, and the engine's lowest limit. */
const MIN_SHARES = 2;
const MIN_NANO_CPUS = NANOS_PER_CPU / 100;

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
    ...(spec.healthCheck ? { Healthcheck: healthBody(spec.healthCheck) } : {}),
    HostConfig: hostBody(spec, cpus),
  };
}

function hostBody(spec: ContainerSpec, cpus: number): object {
  return {
    NetworkMode: spec.network,
    LogConfig: logBody(spec),
    ...(spec.extraHosts?.length
      ? { ExtraHosts: spec.extraHosts.map((host) => `${host.hostname}:${host.ipAddress}`) }
      : {}),
    ...(spec.dnsServers?.length ? { Dns: spec.dnsServers } : {}),
    ...(spec.dnsSearch?.length ? { DnsSearch: spec.dnsSearch } : {}),
    ...(spec.cpuShares === undefined ? {} : { CpuShares: Math.max(MIN_SHARES, Math.round(spec.cpuShares)) }),
    ...(spec.cpuLimit === undefined ? {} : { NanoCpus: nanoCpus(spec.cpuLimit, cpus) }),
    // Swap is counted in, so that a limit is one.
    ...(spec.memoryLimitBytes === undefined
      ? {}
      : { Memory: spec.memoryLimitBytes, MemorySwap: spec.memoryLimitBytes }),
    ...(spec.memoryReservationBytes === undefined ? {} : { MemoryReservation: spec.memoryReservationBytes }),
    ...(spec.readonlyRootFilesystem ? { ReadonlyRootfs: true } : {}),
    ...(spec.capabilities?.add.length ? { CapAdd: spec.capabilities.add } : {}),
    ...(spec.capabilities?.drop.length ? { CapDrop: spec.capabilities.drop } : {}),
    ...(spec.init ? { Init: true } : {}),
    ...(spec.ulimits?.length
      ? { Ulimits: spec.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })) }
      : {}),
  };
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
