import type { TargetHealth } from '../load-balancer.ts';
import { groupOfSection, openBeside } from './sections.ts';
import type { ServerState } from './server-state.ts';

/** One row of `show stat` for a server that is checked. */
export interface CheckResult {
  readonly backend: string;
  readonly name: string;
  /** HAProxy's code for the last check: `INI`, `L7OK`, `L7STS`, `L4TOUT`, ... ; empty without checks. */
  readonly status: string;
  /** The HTTP status of the last check, if it got so far. */
  readonly code: string;
  /** How long the last check took. */
  readonly durationMs: number;
  /** The next one is under way. */
  readonly running: boolean;
  /** It is checked no longer, or not yet. */
  readonly maintenance: boolean;
}

/** Reads the answer of `show stat -1 4 -1`. */
export function parseCheckResults(csv: string): readonly CheckResult[] {
  const [header = '', ...rows] = csv.split('\n');
  const columns = header.replace(/^# /, '').split(',');
  const at = (cells: readonly string[], column: string) => cells[columns.indexOf(column)] ?? '';
  return rows.flatMap((row) => {
    const cells = row.split(',');
    const backend = at(cells, 'pxname');
    if (groupOfSection(backend) === undefined) return [];
    return [
      {
        backend,
        name: at(cells, 'svname'),
        status: at(cells, 'check_status').replace(/^\* /, ''),
        code: at(cells, 'check_code'),
        durationMs: Number(at(cells, 'check_duration')),
        running: at(cells, 'check_status').startsWith('* '),
        maintenance: at(cells, 'status').startsWith('MAINT'),
      },
    ];
  });
}

/**
 * Commands that end the waiting of new targets whose first checks have decided: a healthy one gets requests; an
 * unhealthy one counts as registered, so it gets them too when no target of the group is healthy.
 * @param slowStarting target groups whose targets get more and more requests
 */
export function settleCommands(
  states: readonly ServerState[],
  checks: readonly CheckResult[],
  slowStarting: ReadonlySet<string> = new Set(),
): readonly string[] {
  return states.flatMap((state) => {
    const group = groupOfSection(state.backend);
    if (group === undefined || !state.forcedDrain || state.maintenance) return [];
    const passed = /^L[467]OK$/.test(checkOf(checks, state)?.status ?? '');
    if (state.up && !passed) return [];
    return [
      // HAProxy starts slowly what comes out of maintenance.
      ...(state.up && slowStarting.has(group) ? [`set server ${state.backend}/${state.name} state maint`] : []),
      `set server ${state.backend}/${state.name} state ready`,
      `set server ${openBeside(state.backend)}/${state.name} state ready`,
    ];
  });
}

/** True while some target still waits for its first checks. */
export function anyInitial(states: readonly ServerState[]): boolean {
  return states.some((state) => groupOfSection(state.backend) !== undefined && state.forcedDrain && !state.maintenance);
}

/** What DescribeTargetHealth says of each target. */
export function targetHealth(states: readonly ServerState[], checks: readonly CheckResult[]): readonly TargetHealth[] {
  return states.flatMap((state) => {
    const targetGroupId = groupOfSection(state.backend);
    // One in maintenance is deregistered, and ends its last requests.
    if (targetGroupId === undefined || state.maintenance) return [];
    const colon = state.name.lastIndexOf(':');
    const target = { targetGroupId, ip: state.name.slice(0, colon), port: Number(state.name.slice(colon + 1)) };
    return [{ ...target, ...verdict(state, checkOf(checks, state)) }];
  });
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
function verdict(
  state: ServerState,
  check: CheckResult | undefined,
): Pick<TargetHealth, 'state' | 'reason' | 'description'> {
  if (state.weight === 0) {
    return {
      state: 'draining',
      reason: 'Target.DeregistrationInProgress',
      description: 'Target deregistration is in progress',
    };
  }
  if (!state.up) return { state: 'unhealthy', ...failure(check) };
  if (!state.forcedDrain) return { state: 'healthy' };
  return check?.status === 'INI' || check?.status === ''
    ? {
        state: 'initial',
        reason: 'Elb.RegistrationInProgress',
        description: 'Target registration is in progress',
      }
    : {
        state: 'initial',
        reason: 'Elb.InitialHealthChecking',
        description: 'Initial health checks in progress',
      };
}

function failure(check: CheckResult | undefined): { reason: string; description: string } {
  if (check?.status === 'L7STS') {
    return {
      reason: 'Target.ResponseCodeMismatch',
      description: `Health checks failed with these codes: [${check.code}]`,
    };
  }
  if (check?.status.endsWith('TOUT')) return { reason: 'Target.Timeout', description: 'Request timed out' };
  return { reason: 'Target.FailedHealthChecks', description: 'Health checks failed' };
}

function checkOf(checks: readonly CheckResult[], state: ServerState): CheckResult | undefined {
  return checks.find((check) => check.backend === state.backend && check.name === state.name);
}
