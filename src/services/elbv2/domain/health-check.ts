import type { CreateTargetGroupInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { invalid, notInEnum } from '../errors.ts';
import type { HealthCheckRow } from '../tables.ts';
import { isStream } from './protocols.ts';

type Version = 'HTTP1' | 'HTTP2' | 'GRPC';

const PROTOCOLS = ['HTTP', 'HTTPS', 'TCP'] as const;

type HealthCheckInput = Pick<
  CreateTargetGroupInput,
  | 'HealthCheckProtocol'
  | 'HealthCheckPort'
  | 'HealthCheckPath'
  | 'HealthCheckEnabled'
  | 'HealthCheckIntervalSeconds'
  | 'HealthCheckTimeoutSeconds'
  | 'HealthyThresholdCount'
  | 'UnhealthyThresholdCount'
  | 'Matcher'
>;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
export const DEFAULT_HEALTH_CHECK: HealthCheckRow = {
  protocol: 'HTTP',
  port: 'traffic-port',
  path: '/',
  intervalSeconds: 30,
  timeoutSeconds: 5,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: '200',
};

/** A method that no server has: its `unimplemented` is the answer that is waited for. */
export const DEFAULT_GRPC_HEALTH_CHECK: HealthCheckRow = {
  ...DEFAULT_HEALTH_CHECK,
  path: '/AWS.ALB/healthcheck',
  matcher: '12',
};

/** For groups of load balancers of type network. */
const STREAM_HEALTH_CHECKS: Readonly<Record<HealthCheckRow['protocol'], HealthCheckRow>> = {
  TCP: { ...DEFAULT_HEALTH_CHECK, protocol: 'TCP', path: '', matcher: '', timeoutSeconds: 10 },
  HTTP: { ...DEFAULT_HEALTH_CHECK, timeoutSeconds: 6, matcher: '200-399' },
  HTTPS: { ...DEFAULT_HEALTH_CHECK, protocol: 'HTTPS', timeoutSeconds: 10, matcher: '200-399' },
};

/** What a new group checks where the client says nothing. */
export function defaultHealthCheck(
  protocol: string,
  version: Version,
  checkProtocol: string | undefined,
): HealthCheckRow {
  if (isStream(protocol)) return STREAM_HEALTH_CHECKS[PROTOCOLS.find((it) => it === checkProtocol) ?? 'TCP'];
  return version === 'GRPC' ? DEFAULT_GRPC_HEALTH_CHECK : DEFAULT_HEALTH_CHECK;
}

/** `before` with what the input changes, checked. */
export function healthCheckFrom(
  input: HealthCheckInput,
  old: HealthCheckRow,
  group: { readonly protocol: string; readonly version: Version; readonly targetType: string },
): HealthCheckRow {
  if (input.HealthCheckEnabled === false) {
    throw invalid('Health check enabled must be true for target groups with target type instance, ip or alb');
  }
  const { version } = group;
  const connects = isStream(group.protocol) && group.targetType !== 'alb';
  const protocols = connects ? PROTOCOLS : PROTOCOLS.filter((it) => it !== 'TCP');
  const asked = input.HealthCheckProtocol ?? old.protocol;
  const protocol = protocols.find((it) => it === asked);
  if (!protocol) throw notInEnum(asked, 'healthCheckProtocol', protocols);
  if (protocol === 'TCP' && (input.HealthCheckPath ?? input.Matcher) !== undefined) {
    throw invalid('Health check path and matcher cannot be specified for health check protocol TCP');
  }
  // One that only connected has no path to go on with.
  const before =
    protocol !== 'TCP' && old.protocol === 'TCP' ? { ...STREAM_HEALTH_CHECKS[protocol], ...kept(old) } : old;
  const grpc = version === 'GRPC';
  if ((grpc ? input.Matcher?.HttpCode : input.Matcher?.GrpcCode) !== undefined) {
    throw invalid(
      `${grpc ? 'HttpCode' : 'GrpcCode'} cannot be specified for a target group with protocol version ${version}`,
    );
  }
  const check: HealthCheckRow = {
    protocol,
    port: input.HealthCheckPort ?? before.port,
    path: protocol === 'TCP' ? '' : (input.HealthCheckPath ?? before.path),
    intervalSeconds: input.HealthCheckIntervalSeconds ?? before.intervalSeconds,
    timeoutSeconds: input.HealthCheckTimeoutSeconds ?? before.timeoutSeconds,
    healthyThreshold: input.HealthyThresholdCount ?? before.healthyThreshold,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? before.unhealthyThreshold,
    matcher: protocol === 'TCP' ? '' : ((grpc ? input.Matcher?.GrpcCode : input.Matcher?.HttpCode) ?? before.matcher),
  };
  checkRanges(check);
  if (protocol !== 'TCP') checkAnswer(check, grpc);
  return check;
}

function checkRanges(check: HealthCheckRow): void {
  inRange('Health check interval', check.intervalSeconds, 5, 300);
  inRange('Health check timeout', check.timeoutSeconds, 2, 120);
  inRange('Healthy threshold count', check.healthyThreshold, 2, 10);
  inRange('Unhealthy threshold count', check.unhealthyThreshold, 2, 10);
  if (check.timeoutSeconds >= check.intervalSeconds) {
    throw invalid(`Health check interval must be greater than the timeout.`);
  }
  if (check.port !== 'traffic-port' && !isPort(check.port)) {
    throw invalid(`Health check port '${check.port}' must be 'traffic-port' or a number between 1 and 65535`);
  }
}

/** What of a check does not hang on its protocol. */
function kept({ port, intervalSeconds, timeoutSeconds, healthyThreshold, unhealthyThreshold }: HealthCheckRow) {
  return { port, intervalSeconds, timeoutSeconds, healthyThreshold, unhealthyThreshold };
}

function checkAnswer(check: HealthCheckRow, grpc: boolean): void {
  if (!/^\/[\u0021-\u007e]{0,1023}$/.test(check.path)) {
    throw invalid(
      `Health check path '${check.path}' must begin with a '/' character, and can have at most 1024 characters`,
    );
  }
  checkMatcher(check.matcher, grpc);
}

/** `200`, `200,202` or `200-299`, all from 200 to 499; gRPC's codes from 0 to 99. */
function checkMatcher(matcher: string, grpc: boolean): void {
  const [least, most] = grpc ? [0, 99] : [200, 499];
  const valid = matcher.split(',').every((part) => {
    const [from = '', to = from, more] = part.split('-');
    const codes = [from, to];
    return (
      more === undefined &&
      codes.every((code) => /^\d{1,3}$/.test(code) && Number(code) >= least && Number(code) <= most) &&
      Number(from) <= Number(to)
    );
  });
  if (!valid) {
    throw invalid(`Health check matcher ${grpc ? 'GRPC' : 'HTTP'} code '${matcher}' must be within '${least}-${most}'`);
  }
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function inRange(what: string, value: number, from: number, to: number): void {
  if (!Number.isInteger(value) || value < from || value > to) {
    throw invalid(`${what} '${value}' must be between ${from} and ${to}`);
  }
}
