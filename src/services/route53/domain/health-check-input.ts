import { isIP } from 'node:net';
import type { HealthCheckConfig as ConfigInput, UpdateHealthCheckRequest } from '@aws-sdk/client-route-53';
import { invalidInput, notSupported } from '../errors.ts';
import type { HealthCheckConfig, ProbeConfig, ProbeType } from '../health-tables.ts';

const PROBE_TYPES: readonly string[] = ['HTTP', 'HTTPS', 'HTTP_STR_MATCH', 'HTTPS_STR_MATCH', 'TCP'];
const MAX_CHILDREN = 255;
const MAX_TEXT = 255;
const MIN_REGIONS = 3;
/** What a health check here cannot be told by. */
const OTHER_SOURCES = ['AlarmIdentifier', 'InsufficientDataHealthStatus', 'RoutingControlArn'] as const;

/**
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
 * @param isForbidden of an address that is never probed
 * @throws InvalidInput
 */
export function healthCheckConfig(
  input: Partial<ConfigInput>,
  isForbidden: (address: string) => boolean,
): HealthCheckConfig {
  const { Type: type } = input;
  const other = OTHER_SOURCES.find((member) => input[member] !== undefined);
  if (other) throw notSupported(`HealthCheckConfig.${other}`);
  if (input.MeasureLatency) throw notSupported('HealthCheckConfig.MeasureLatency');
  const common = { inverted: input.Inverted ?? false, disabled: input.Disabled ?? false };
  if (type === 'CALCULATED') return { ...common, calculated: calculatedOf(input) };
  if (!isProbeType(type)) throw notSupported(`health check type ${type}`);
  const stranger = (['HealthThreshold', 'ChildHealthChecks'] as const).find((member) => isGiven(input[member]));
  if (stranger) throw invalidInput(`Invalid request: ${stranger} is for CALCULATED health checks only`);
  return { ...common, probe: probeOf(type, input, isForbidden) };
}

/** The configuration that an update makes of the one before, as if the whole had been asked for. */
export function updatedInput(before: Partial<ConfigInput>, update: UpdateHealthCheckRequest): Partial<ConfigInput> {
  const { HealthCheckId: _id, HealthCheckVersion: _version, ResetElements, ...given } = update;
  const kept = Object.entries(before).filter(([member]) => !ResetElements?.some((element) => element === member));
  const changed = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...kept, ...changed]);
}

function isProbeType(type: string | undefined): type is ProbeType {
  return PROBE_TYPES.includes(type ?? '');
}

function calculatedOf(input: Partial<ConfigInput>): NonNullable<HealthCheckConfig['calculated']> {
  const children = [...new Set(input.ChildHealthChecks)];
  const foreign = (['IPAddress', 'Port', 'ResourcePath', 'FullyQualifiedDomainName', 'SearchString'] as const).find(
    (member) => isGiven(input[member]),
  );
  if (foreign) throw invalidInput(`Invalid request: ${foreign} is not for CALCULATED health checks`);
  if (children.length > MAX_CHILDREN) {
    throw invalidInput(`Invalid request: ChildHealthChecks must have at most ${MAX_CHILDREN} members`);
  }
  if (input.HealthThreshold === undefined) {
    throw invalidInput('Invalid request: HealthThreshold is required for CALCULATED health checks');
  }
  return { threshold: inRange('HealthThreshold', input.HealthThreshold, 0, 256), children };
}

function probeOf(type: ProbeType, input: Partial<ConfigInput>, isForbidden: (address: string) => boolean): ProbeConfig {
  const { IPAddress: ipAddress, FullyQualifiedDomainName: domainName, SearchString: searchString } = input;
  if (!ipAddress && !domainName) {
    throw invalidInput('Invalid request: IPAddress or FullyQualifiedDomainName must be given');
  }
  if (ipAddress && (isIP(ipAddress) === 0 || isForbidden(ipAddress))) {
    throw invalidInput(`Invalid request: IPAddress must be the address of an endpoint, but was ${ipAddress}`);
  }
  if (type === 'TCP' && input.ResourcePath) throw invalidInput('Invalid request: ResourcePath is not for TCP checks');
  if (type === 'TCP' && input.Port === undefined) throw invalidInput('Invalid request: TCP checks need a Port');
  if (type.endsWith('_STR_MATCH') !== Boolean(searchString)) {
    throw invalidInput(`Invalid request: SearchString is for, and needed by, HTTP_STR_MATCH and HTTPS_STR_MATCH`);
  }
  const path = input.ResourcePath;
  checkTexts({ domainName, path, searchString });
  return {
    type,
    port: inRange('Port', input.Port ?? (type.startsWith('HTTPS') ? 443 : 80), 1, 65_535),
    ...(ipAddress && { ipAddress }),
    ...(domainName && { domainName: domainName.replace(/\.$/, '').toLowerCase() }),
    ...(path && { path: path.startsWith('/') ? path : `/${path}` }),
    ...(searchString && { searchString }),
    intervalSeconds: intervalOf(input.RequestInterval ?? 30),
    failureThreshold: inRange('FailureThreshold', input.FailureThreshold ?? 3, 1, 10),
    ...(type.startsWith('HTTPS') && { sni: input.EnableSNI ?? true }),
    ...(input.Regions?.length ? { regions: checkedRegions(input.Regions) } : {}),
  };
}

function checkTexts(texts: Readonly<Record<string, string | undefined>>): void {
  if (Object.values(texts).some((text) => (text?.length ?? 0) > MAX_TEXT)) {
    throw invalidInput(`Invalid request: names, paths and search strings have at most ${MAX_TEXT} characters`);
  }
  if (texts['path'] !== undefined && /[^\u0021-\u007e]/.test(texts['path'])) {
    throw invalidInput('Invalid request: ResourcePath must be of printable ASCII characters without blanks');
  }
  if (texts['domainName'] !== undefined && !/^[a-zA-Z0-9._-]+$/.test(texts['domainName'])) {
    throw invalidInput('Invalid request: FullyQualifiedDomainName must be a domain name');
  }
}

/** There is one checker here: it stands for all of them. */
function checkedRegions(regions: readonly string[]): readonly string[] {
  if (regions.length < MIN_REGIONS)
    throw invalidInput(`Invalid request: Regions must have at least ${MIN_REGIONS} members`);
  return regions;
}

function intervalOf(seconds: number): number {
  if (seconds !== 10 && seconds !== 30) {
    throw invalidInput(`Invalid request: RequestInterval must be 10 or 30, but was ${seconds}`);
  }
  return seconds;
}

function inRange(member: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw invalidInput(`Invalid request: ${member} must be between ${least} and ${most}, but was ${value}`);
  }
  return value;
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '';
}
