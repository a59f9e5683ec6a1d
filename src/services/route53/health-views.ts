import type {
  HealthCheck,
  HealthCheckConfig,
  HealthCheckObservation,
  HealthCheckRegion,
} from '@aws-sdk/client-route-53';
import type { HealthCheckRow, HealthStatusRow, ProbeConfig } from './health-tables.ts';

/** Where probes come from, as they are listed: this host. */
const CHECKER = { Region: 'us-east-1', IPAddress: '127.0.0.1' } as const;

export function healthCheckView(row: HealthCheckRow): HealthCheck {
  return {
    Id: row.checkId,
    CallerReference: row.callerReference,
    HealthCheckConfig: configView(row),
    HealthCheckVersion: row.version,
  };
}

export function configView({ config }: HealthCheckRow): HealthCheckConfig {
  const { calculated, probe } = config;
  return {
    ...(probe ? probeView(probe) : { Type: 'CALCULATED' as const }),
    Inverted: config.inverted,
    Disabled: config.disabled,
    ...(calculated && { HealthThreshold: calculated.threshold, ChildHealthChecks: [...calculated.children] }),
  };
}

function probeView(probe: ProbeConfig): HealthCheckConfig {
  return {
    Type: probe.type,
    Port: probe.port,
    ...(probe.ipAddress !== undefined && { IPAddress: probe.ipAddress }),
    ...(probe.domainName !== undefined && { FullyQualifiedDomainName: probe.domainName }),
    ...(probe.path !== undefined && { ResourcePath: probe.path }),
    ...(probe.searchString !== undefined && { SearchString: probe.searchString }),
    RequestInterval: probe.intervalSeconds,
    FailureThreshold: probe.failureThreshold,
    MeasureLatency: false,
    ...(probe.sni !== undefined && { EnableSNI: probe.sni }),
    ...(probe.regions && { Regions: [...probe.regions] as HealthCheckRegion[] }),
  };
}

/** None before the first probe has ended. */
export function observationsView(
  status: Pick<HealthStatusRow, 'report' | 'checkedAtMs'> | undefined,
): HealthCheckObservation[] {
  if (!status) return [];
  return [{ ...CHECKER, StatusReport: { Status: status.report, CheckedTime: new Date(status.checkedAtMs) } }];
}
