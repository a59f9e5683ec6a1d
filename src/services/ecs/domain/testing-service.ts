import type { ServiceRow, TaskRow } from '../tables.ts';
import type { Stored } from '../../../store/store.ts';
import { seededIds } from '../../../kernel/ids.ts';
import { beginDeployment } from './lifecycle.ts';
import { limitsOf } from './service-facts.ts';
import { planService } from './service-plan.ts';
import type { ServiceObserved, ServiceStep } from './service-plan.ts';
import { afterStep, newDeployment } from './service-step.ts';
import { stopTask } from './task-stop.ts';
import { isApplied, sourceOf } from './traffic-shift.ts';
import { nextSubnet } from './zones.ts';
import { containerRow, deploymentRow, serviceRow, serviceTask } from './testing-rows.ts';

export type TaskEvent = 'run' | 'heal' | 'sicken' | 'crash' | 'end';

/** A service and its tasks in memory: steps are applied as the reconciler does, tasks do what the test says. */
export class ServiceSimulation {
  protected readonly ids = seededIds(7);
  protected readonly isChecked: boolean;
  service: Stored<ServiceRow>;
  tasks: TaskRow[] = [];
  now = 1_000_000;
  protected made = 0;

  /** @param isChecked its container has a health check: a task that runs is healthy only later */
  constructor(change: Partial<ServiceRow>, isChecked = false) {
    this.service = serviceRow(change);
    this.isChecked = isChecked;
  }

  /** A service whose deployment `old` is complete, with all its tasks healthy. */
  static complete(change: Partial<ServiceRow>, isChecked = false): ServiceSimulation {
    const old = deploymentRow('old', { rolloutState: 'COMPLETED' });
    const network = change.network ?? old.network;
    const lastCompleted = { ...old, network, deploymentId: old.id };
    const made = new ServiceSimulation(
      { deployments: [{ ...old, network }], lastCompleted, steady: true, ...change },
      isChecked,
    );
    for (let i = 0; i < made.service.desiredCount; i++) made.start('old', { lastStatus: 'RUNNING', startedAtMs: 0 });
    made.tasks = made.tasks.map(withHealth('HEALTHY'));
    return made;
  }

  /** UpdateService with another task definition. */
  deploy(name: string): void {
    const { taskDefinitionArn, revisionArn, serviceDeploymentArn } = deploymentRow(name);
    const of = { ...this.service, taskDefinitionArn, revisionArn, serviceDeploymentArn };
    const others = this.service.deployments.map((one) => ({ ...one, status: 'ACTIVE' as const }));
    const deployments = [newDeployment(of, this.ids, this.now), ...others];
    const row = { ...this.service, taskDefinitionArn: of.taskDefinitionArn, deployments, steady: false };
    this.change(beginDeployment(row, this.ids, this.now));
  }

  change(change: Partial<ServiceRow>): void {
    this.service = { ...this.service, ...change, revision: this.service.revision + 1 };
  }

  observed(): ServiceObserved {
    const checked = new Set(this.isChecked ? ['web'] : []);
    const checkedContainers = new Map(this.tasks.map((task) => [task.taskDefinitionArn, checked]));
    return { service: this.service, tasks: this.tasks, checkedContainers };
  }

  /** One pass; answers the step that was taken, if one was. */
  pass(): ServiceStep | undefined {
    const step = planService(this.observed(), this.now).actions.find((action) => action.type === 'step');
    if (step) this.apply(step);
    return step;
  }

  /** The listener rules are changed as they are wanted; answers whether they had to be. */
  shift(): boolean {
    const { traffic } = this.service;
    if (!traffic || isApplied(traffic)) return false;
    this.change({ traffic: { ...traffic, applied: traffic.wanted, appliedAtMs: this.now } });
    return true;
  }

  /** Passes until there is nothing more to do now. */
  settle(onStep: (step: ServiceStep) => void = () => {}): void {
    for (let passes = 0; passes < 50; passes++) {
      const step = this.pass();
      if (step) onStep(step);
      else if (!this.shift()) return;
    }
    throw new Error('It takes step after step and does not settle.');
  }

  /** Something happens to one task, if it can happen to it. */
  happen(event: TaskEvent, arn: string): void {
    this.tasks = this.tasks.flatMap((task) => (task.arn === arn ? this.#after(event, task) : [task]));
  }

  /** Every task gets on, and time passes, until nothing changes: what a world without failures does. */
  calmDown(onStep?: (step: ServiceStep) => void): void {
    for (let round = 0; round < 100; round++) {
      const before = [this.service, ...this.tasks];
      this.settle(onStep);
      for (const { arn } of this.tasks) for (const event of ['run', 'heal', 'end'] as const) this.happen(event, arn);
      this.settle(onStep);
      // What is said again every six hours is no wait for anything.
      const { wakeAt = Infinity } = planService(this.observed(), this.now);
      const waits = wakeAt < this.now + 3_600_000;
      this.now += 60_000;
      const after = [this.service, ...this.tasks];
      if (!waits && after.length === before.length && after.every((row, i) => row === before[i])) return;
    }
    throw new Error('It never comes to rest.');
  }

  get live(): TaskRow[] {
    return this.tasks.filter((task) => task.desiredStatus === 'RUNNING');
  }

  get healthy(): TaskRow[] {
    return this.live.filter(
      (task) => task.lastStatus === 'RUNNING' && (!this.isChecked || healthOf(task) === 'HEALTHY'),
    );
  }

  get limits(): { least: number; most: number } {
    return limitsOf(this.service);
  }

  protected apply(step: ServiceStep): void {
    const counted = new Set([...step.failures, ...step.sick.map((one) => one.taskArn)]);
    const recovered = new Set(step.recovered);
    const reasons = new Map(step.stops.map((stop) => [stop.taskArn, stop.reason]));
    this.tasks = this.tasks
      .map((task) => (counted.has(task.arn) ? { ...task, countedAsFailure: true as const } : task))
      .map((task) => (recovered.has(task.arn) ? { ...task, wasHealthy: true as const } : task))
      .map((task) => {
        const reason = reasons.get(task.arn);
        return reason === undefined ? task : stopTask(task, 'ServiceSchedulerInitiated', reason, this.now);
      });
    const source = sourceOf(this.service)?.id ?? '';
    const started = [
      ...Array.from({ length: step.start }, () => this.start(this.service.deployments[0]?.id ?? '')),
      ...Array.from({ length: step.sourceStart ?? 0 }, () => this.start(source)),
    ];
    const after = afterStep(this.service, step, { started, known: this.tasks }, this.ids, this.now);
    this.service = { ...after, revision: this.service.revision + 1 };
  }

  protected start(deploymentId: string, change: Partial<TaskRow> = {}): TaskRow {
    const deployment = this.service.deployments.find((one) => one.id === deploymentId);
    const network = deployment?.network ?? this.service.network;
    const own = this.live.filter((task) => task.deploymentId === deploymentId);
    const { startedAtMs: _not, ...task } = serviceTask(`t${++this.made}`, deploymentId, {
      lastStatus: 'PROVISIONING',
      network,
      subnetId: nextSubnet(network, own),
      taskDefinitionArn: deployment?.taskDefinitionArn ?? '',
      createdAtMs: this.now + this.made,
    });
    this.tasks.push({ ...task, ...change });
    return task;
  }

  #after(event: TaskEvent, task: TaskRow): TaskRow[] {
    const isLive = task.desiredStatus === 'RUNNING';
    const runs = isLive && task.lastStatus === 'RUNNING';
    if (event === 'end') return isLive ? [task] : [];
    if (event === 'run' && isLive && !runs) return [{ ...task, lastStatus: 'RUNNING', startedAtMs: this.now }];
    if (event === 'heal' && runs && healthOf(task) === 'UNKNOWN') return [withHealth('HEALTHY')(task)];
    if (event === 'sicken' && runs) return [withHealth('UNHEALTHY')(task)];
    if (event !== 'crash' || !isLive) return [task];
    const ended = { desiredStatus: 'STOPPED', lastStatus: 'DEPROVISIONING', stoppingAtMs: this.now } as const;
    return [{ ...task, ...ended, stopCode: 'EssentialContainerExited' }];
  }
}

function healthOf(task: TaskRow) {
  return task.containers[0]?.health;
}

function withHealth(health: 'HEALTHY' | 'UNHEALTHY') {
  return (task: TaskRow): TaskRow => ({ ...task, containers: [containerRow('web', { status: 'RUNNING', health })] });
}
