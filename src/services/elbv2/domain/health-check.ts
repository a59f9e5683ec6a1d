import type { CreateTargetGroupInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { invalid, notInEnum, notSupported } from '../errors.ts';
import type { HealthCheckRow } from '../tables.ts';

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

/** `before` with what the input changes, checked. */
export function healthCheckFrom(input: HealthCheckInput, before: HealthCheckRow): HealthCheckRow {
  if (input.HealthCheckEnabled === false) {
    throw invalid('Health check enabled must be true for target groups with target type ip');
  }
  const protocol = input.HealthCheckProtocol ?? before.protocol;
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
    throw notInEnum(protocol, 'healthCheckProtocol', ['HTTP', 'HTTPS']);
  }
  if (input.Matcher?.GrpcCode !== undefined) throw notSupported('Matcher.GrpcCode', 'Use Matcher.HttpCode.');
  const check: HealthCheckRow = {
    protocol,
    port: input.HealthCheckPort ?? before.port,
    path: input.HealthCheckPath ?? before.path,
    intervalSeconds: input.HealthCheckIntervalSeconds ?? before.intervalSeconds,
    timeoutSeconds: input.HealthCheckTimeoutSeconds ?? before.timeoutSeconds,
    healthyThreshold: input.HealthyThresholdCount ?? before.healthyThreshold,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? before.unhealthyThreshold,
    matcher: input.Matcher?.HttpCode ?? before.matcher,
  };
  checkRanges(check);
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
  if (!/^\/[\u0021-\u007e]{0,1023}$/.test(check.path)) {
    throw invalid(
      `Health check path '${check.path}' must begin with a '/' character, and can have at most 1024 characters`,
    );
  }
  if (!isMatcher(check.matcher)) {
    throw invalid(`Health check matcher HTTP code '${check.matcher}' must be within '200-499'`);
  }
}

/** `200`, `200,202` or `200-299`, all from 200 to 499. */
function isMatcher(matcher: string): boolean {
  return matcher.split(',').every((part) => {
    const [from = '', to = from, more] = part.split('-');
    const codes = [from, to];
    return (
      more === undefined &&
      codes.every((code) => /^\d{3}$/.test(code) && Number(code) >= 200 && Number(code) <= 499) &&
      Number(from) <= Number(to)
    );
  });
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function inRange(what: string, value: number, from: number, to: number): void {
  if (!Number.isInteger(value) || value < from || value > to) {
    throw invalid(`${what} '${value}' must be between ${from} and ${to}`);
  }
}
