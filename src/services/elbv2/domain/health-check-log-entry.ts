import type { HealthCheckEntry } from '../../../loadbalancer/log-entries.ts';
import { secondsText, timeText } from './log-text.ts';

/**
 * A line of a health check log, without its end.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-health-check-logs.html#health-check-log-entry-syntax
 * @param loadBalancer `app/NAME/ID`
 */
export function healthCheckLogEntry(loadBalancer: string, entry: HealthCheckEntry): string {
  return [
    entry.protocol,
    timeText(entry.atUs),
    secondsText(entry.durationMs),
    entry.target,
    nameOf(entry.targetGroup),
    entry.failure === undefined ? 'PASS' : 'FAIL',
    entry.status ?? '-',
    reasonOf(entry),
    loadBalancer,
    entry.node,
  ].join(' ');
}

/** ELB's reason codes. A refused connection has none of its own: it is reset too. */
const REASONS = {
  timeout: 'TimedOut',
  connection: 'ConnectionReset',
  status: 'ResponseCodeMismatch',
  'grpc-status': 'GRPCUnexpectedStatus',
  internal: 'InternalError',
} as const satisfies Record<NonNullable<HealthCheckEntry['failure']>, string>;

function reasonOf({ failure, status = 0 }: HealthCheckEntry): string {
  if (failure === undefined) return '-';
  return failure === 'status' && status >= 500 ? 'TargetError' : REASONS[failure];
}

/** The name in the ARN of a target group. */
function nameOf(targetGroup: string): string {
  return targetGroup.split('/')[1] ?? targetGroup;
}
