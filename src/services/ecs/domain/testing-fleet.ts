import assert from 'node:assert/strict';
import type { TaskReport } from '../../../executor/executor.ts';
import type { ServiceRow, TaskRow } from '../tables.ts';
import type { AlternateShare } from '../traffic-tables.ts';
import { alarmsSeen } from './deployment-alarms.ts';
import { answered, findRun, withRun } from './deployment-hooks.ts';
import type { HookAnswer } from './deployment-hooks.ts';
import { isProtected } from './scale-in.ts';
import { planService } from './service-plan.ts';
import type { ServiceAction, ServiceStep } from './service-plan.ts';
import { advance as laterOf, withReport } from './task-report.ts';
import { stopTask } from './task-stop.ts';
import { ServiceSimulation } from './testing-service.ts';

const NETWORK = {
  subnets: ['s1', 's2', 's3'],
  securityGroups: [],
  assignPublicIp: false,
  zones: { s1: 'a', s2: 'b', s3: 'c' },
};
const TARGETS = [{ targetGroupArn: 'tg', port: 80 }];

/** What happens to one task, beyond what the service does with it. */
export type FleetEvent =
  /** Its network or its load balancer takes it one status further, up or down. */
  | 'advance'
  /** Its executor reports: it runs, its health check says so, it has ended by itself, it could not start. */
  | 'run'
  | 'heal'
  | 'sicken'
  | 'exit'
  | 'fail-start'
  /** It ends, and the report of it is lost. */
  | 'exit-unseen'
  /** The last report comes once more; the one before it comes late. */
  | 'repeat'
  | 'overtake'
  | 'target-heals'
  | 'target-sickens'
  | 'user-stop'
  | 'spot-stop'
  | 'reap'
  | 'protect'
  | 'unprotect';

export interface FleetOptions {
  /** Its container has a health check. */
  readonly isChecked: boolean;
  /** Its tasks are behind a load balancer. */
  readonly isBalanced: boolean;
}

/** A step, and what it was taken from. */
export interface FleetStep {
  readonly step: ServiceStep;
  readonly service: ServiceRow;
  readonly live: readonly TaskRow[];
  readonly healthy: readonly TaskRow[];
}

/**
 * A service whose tasks go through all statuses that there are. Its load balancer and its alarms are asked, so what the
 * rows say of them is older than what is true.
 */
export class Fleet extends ServiceSimulation {
  readonly #isBalanced: boolean;
  readonly #onStep: (of: FleetStep) => void;
  /** What its executor has said of each task, and not always been heard. */
  readonly #reports = new Map<string, readonly TaskReport[]>();
  /** True of targets, by task: 'initial' where nothing is said. */
  readonly #targets = new Map<string, NonNullable<TaskRow['targetHealth']>>();
  isAlarming = false;
  /** Tasks that steps have counted as failures. */
  readonly counted = new Set<string>();
  /** What the listener rules give to the alternate target group: the truth of `traffic.applied`. */
  rules: AlternateShare = { production: 0, test: 0 };
  /** How far a change of the rules gets: not at all, to the load balancer, or to the row as well. */
  rulesAnswer: 'nothing' | 'half' | 'all' = 'all';
  /** What the target of a lifecycle hook says. */
  hookAnswer: HookAnswer['hookStatus'] = 'SUCCEEDED';

  /** A service whose deployment `old` is complete, with all its tasks healthy. */
  constructor(change: Partial<ServiceRow>, options: FleetOptions, onStep: (of: FleetStep) => void = () => {}) {
    const made = ServiceSimulation.complete({ network: NETWORK, ...change }, options.isChecked);
    super(made.service, options.isChecked);
    this.#isBalanced = options.isBalanced;
    this.#onStep = onStep;
    this.tasks = made.tasks;
    this.made = made.tasks.length;
    if (options.isBalanced) this.tasks = this.tasks.map((task) => this.#joined(task));
  }

  override get healthy(): TaskRow[] {
    return this.live.filter(
      (task) =>
        task.lastStatus === 'RUNNING' &&
        (!this.isChecked || task.containers[0]?.health === 'HEALTHY') &&
        (task.targets.length === 0 || task.targetHealth === 'healthy'),
    );
  }

  /** One pass: each action of its plan, in order. Answers the step that was taken, if one was. */
  override pass(): ServiceStep | undefined {
    const { actions } = planService(this.observed(), this.now);
    assert.deepEqual(planService(this.observed(), this.now).actions, actions, 'the same rows, the same plan');
    for (const action of actions) this.#act(action);
    return actions.find((action) => action.type === 'step');
  }

  /** Passes until rows stay as they are. */
  override settle(): void {
    for (let passes = 0; passes < 80; passes++) {
      const { service, tasks } = this;
      this.pass();
      if (this.service === service && this.tasks === tasks) return;
    }
    throw new Error('It takes step after step and does not settle.');
  }

  /** The process ends before its step is written, and another change comes first: then the step is dropped. */
  lose(change: () => void): void {
    const step = planService(this.observed(), this.now).actions.find((action) => action.type === 'step');
    change();
    if (step && step.revision === this.service.revision) this.#act(step);
  }

  /** As `happen`, with all that can happen. */
  befall(event: FleetEvent, arn: string): void {
    const task = this.tasks.find((one) => one.arn === arn);
    if (!task) return;
    const next = this.#next(event, task);
    if (next === task) return;
    this.tasks = this.tasks.flatMap((one) => (one.arn !== arn ? [one] : next ? [next] : []));
  }

  /** Every task gets on, and nothing fails. */
  getOn(): void {
    for (const { arn } of this.tasks) this.#calm(arn);
    this.settle();
  }

  /** Every task gets on, nothing fails, and time passes, until nothing changes. */
  override calmDown(): void {
    this.isAlarming = false;
    this.rulesAnswer = 'all';
    this.hookAnswer = 'SUCCEEDED';
    for (let round = 0; round < 150; round++) {
      const before = [this.service, ...this.tasks];
      this.getOn();
      const { wakeAt = Infinity } = planService(this.observed(), this.now);
      this.now += 60_000;
      const after = [this.service, ...this.tasks];
      const isSame = after.length === before.length && after.every((row, at) => row === before[at]);
      if (isSame && wakeAt >= this.now + 3_600_000) return;
    }
    const waits = planService(this.observed(), this.now);
    if (waits.actions.some((action) => action.type === 'step')) throw new Error(`It never comes to rest: ${waits.why}`);
  }

  protected override start(deploymentId: string, change: Partial<TaskRow> = {}): TaskRow {
    return super.start(deploymentId, { ...(this.#isBalanced && { targets: TARGETS }), ...change });
  }

  #act(action: ServiceAction): void {
    if (action.type === 'check-targets') this.#seeTargets(new Set(action.tasks.map((task) => task.arn)));
    if (action.type === 'check-alarms') this.#seeAlarms();
    if (action.type === 'shift-traffic') this.#shiftRules();
    if (action.type === 'run-hook') this.#runHook(action.hookId);
    if (action.type !== 'step') return;
    const { service, live, healthy } = this;
    this.apply(action);
    this.tasks = this.tasks.map((task) => ({
      ...task,
      ...(action.registered.includes(task.arn) && { targetsSaid: 'registered' as const }),
      ...(action.deregistered.includes(task.arn) && { targetsSaid: 'deregistered' as const }),
    }));
    this.#onStep({ step: action, service, live, healthy });
  }

  #seeTargets(asked: ReadonlySet<string>): void {
    const truth = (task: TaskRow) => this.#targets.get(task.arn) ?? 'initial';
    const isNew = (task: TaskRow) => asked.has(task.arn) && task.targetHealth !== truth(task);
    if (!this.tasks.some(isNew)) return;
    this.tasks = this.tasks.map((task) => (isNew(task) ? { ...task, targetHealth: truth(task) } : task));
  }

  #seeAlarms(): void {
    const [primary, ...others] = this.service.deployments;
    if (primary?.rolloutState !== 'IN_PROGRESS') return;
    const StateValue = this.isAlarming ? 'ALARM' : 'OK';
    const alarms = alarmsSeen(primary.alarms, [{ AlarmName: 'alarm', StateValue, Period: 60 }], []);
    if (JSON.stringify(alarms) === JSON.stringify(primary.alarms)) return;
    this.change({ deployments: [{ ...primary, alarms }, ...others] });
  }

  /** The rules are asked and changed; what they are now is written down, unless the process ends before. */
  #shiftRules(): void {
    if (this.rulesAnswer === 'nothing') return;
    this.rules = this.service.traffic?.wanted ?? this.rules;
    if (this.rulesAnswer === 'all') this.shift();
  }

  #runHook(id: string): void {
    const run = findRun(this.service, id);
    if (run) this.change(withRun(this.service, answered(run, { hookStatus: this.hookAnswer }, this.now), this.now));
  }

  #calm(arn: string): void {
    const events: FleetEvent[] = ['unprotect', 'repeat', 'advance', 'run', 'advance', 'heal', 'target-heals', 'reap'];
    for (const event of events) this.befall(event, arn);
  }

  #joined(task: TaskRow): TaskRow {
    this.#targets.set(task.arn, 'healthy');
    return { ...task, targets: TARGETS, targetsSaid: 'registered', targetHealth: 'healthy' };
  }

  #next(event: FleetEvent, task: TaskRow): TaskRow | undefined {
    const told = this.#reports.get(task.arn) ?? [];
    const again = event === 'repeat' ? told.at(-1) : event === 'overtake' ? told.at(-2) : undefined;
    if (again) return withReport(task, again, this.now);
    const report = this.#reportOf(event, task);
    if (report) {
      this.#reports.set(task.arn, [...told, report]);
      return event === 'exit-unseen' ? task : withReport(task, report, this.now);
    }
    if (event === 'advance') return task.desiredStatus === 'RUNNING' ? up(task) : this.#down(task);
    if (event === 'reap') return task.lastStatus === 'STOPPED' ? undefined : task;
    if (event === 'protect') return { ...task, protectedUntilMs: this.now + 600_000 };
    if (event === 'unprotect') return isProtected(task, this.now) ? { ...task, protectedUntilMs: this.now } : task;
    if (event === 'user-stop') return stopTask(task, 'UserInitiated', 'Task stopped by user', this.now);
    if (event === 'spot-stop') return stopTask(task, 'SpotInterruption', 'Spot interruption', this.now);
    if (task.lastStatus !== 'RUNNING') return task;
    if (event === 'target-heals') this.#targets.set(task.arn, 'healthy');
    if (event === 'target-sickens') this.#targets.set(task.arn, 'unhealthy');
    return task;
  }

  /** What the executor says next, if the task is where this can happen. */
  #reportOf(event: FleetEvent, task: TaskRow): TaskReport | undefined {
    const last = this.#reports.get(task.arn)?.at(-1);
    const hasRun = last?.status === 'RUNNING' || (!last && task.lastStatus === 'RUNNING');
    if (task.lastStatus === 'PROVISIONING' || last?.status === 'STOPPED') return undefined;
    if (event === 'run' && !hasRun && task.desiredStatus === 'RUNNING') return reportOf(task, 'RUNNING', 'UNKNOWN');
    if (event === 'fail-start' && !hasRun) return ended(task, 'TaskFailedToStart');
    if (!hasRun) return undefined;
    if (event === 'heal' && last?.containers[0]?.health !== 'UNHEALTHY') return reportOf(task, 'RUNNING', 'HEALTHY');
    if (event === 'sicken') return reportOf(task, 'RUNNING', 'UNHEALTHY');
    return event === 'exit' || event === 'exit-unseen' ? ended(task, 'EssentialContainerExited') : undefined;
  }

  #down(task: TaskRow): TaskRow {
    if (task.lastStatus === 'STOPPED') return task;
    if (task.lastStatus === 'DEPROVISIONING') return { ...task, lastStatus: 'STOPPED' };
    if (task.lastStatus === 'STOPPING') return withReport(task, reportOf(task, 'STOPPED', 'UNKNOWN'), this.now);
    const hasTargets = task.lastStatus === 'RUNNING' && task.targets.length > 0;
    return { ...task, lastStatus: laterOf(task.lastStatus, hasTargets ? 'DEACTIVATING' : 'STOPPING') };
  }
}

/** Nothing of these kinds to do now; and nothing before the time at which it asked to be woken. */
export function assertRests(fleet: Fleet, kinds: readonly ServiceAction['type'][]): void {
  const at = (ms: number) => planService(fleet.observed(), ms).actions.filter(({ type }) => kinds.includes(type));
  assert.deepEqual(at(fleet.now), [], 'a second pass does nothing');
  const { wakeAt = fleet.now + 30 * 86_400_000 } = planService(fleet.observed(), fleet.now);
  for (const ms of [fleet.now + 1, Math.floor((fleet.now + wakeAt) / 2), wakeAt - 1]) {
    if (ms > fleet.now && ms < wakeAt) assert.deepEqual(at(ms), [], 'it wakes as soon as there is something to do');
  }
}

/** Its network interface is there; it is in its target groups. */
function up(task: TaskRow): TaskRow {
  if (task.lastStatus === 'PROVISIONING') return { ...task, lastStatus: 'PENDING' };
  return task.lastStatus === 'ACTIVATING' ? { ...task, lastStatus: 'RUNNING' } : task;
}

type Health = 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';

function reportOf({ arn: taskArn }: TaskRow, status: 'RUNNING' | 'STOPPED', health: Health): TaskReport {
  return { taskArn, status, containers: [{ name: 'web', status, health }] };
}

function ended(task: TaskRow, stopCode: NonNullable<TaskReport['stopCode']>): TaskReport {
  return { ...reportOf(task, 'STOPPED', 'UNKNOWN'), stopCode, stoppedReason: 'it ended' };
}
