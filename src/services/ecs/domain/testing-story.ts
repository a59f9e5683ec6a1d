import type { ServiceRow, TaskRow } from '../tables.ts';
import type { ServiceStep } from './service-plan.ts';
import { Fleet } from './testing-fleet.ts';
import type { FleetEvent, FleetOptions, FleetStep } from './testing-fleet.ts';
import { zoneOf } from './zones.ts';

const BEGINS_MS = 1_000_000;
const TICK_MS = 10_000;
const COURSE: readonly FleetEvent[] = ['advance', 'run', 'advance', 'heal', 'target-heals', 'reap'];

/** What befalls a task instead of running well. */
type Fate = (task: TaskRow) => FleetEvent | undefined;

/** A service whose every step is told, a line each, with what is said of it. Ten seconds after its start a task is healthy. */
export class Story extends Fleet {
  readonly lines: string[];
  readonly #tellsZones: boolean;
  readonly #names = new Map([['old', 'old']]);

  /** @param options `zones`: where its tasks are is told, too */
  constructor(title: string, change: Partial<ServiceRow>, options: Partial<FleetOptions> & { zones?: true } = {}) {
    const lines: string[] = [title];
    super(change, { isChecked: true, isBalanced: false, ...options }, (of) => this.#tell(of));
    this.lines = lines;
    this.#tellsZones = options.zones === true;
    this.#line(this.#counts());
  }

  /** Something is asked for, and all that can be done at once is done. */
  ask(what: string, act: () => void): void {
    this.#line(`> ${what}`);
    act();
    const [primary] = this.service.deployments;
    if (primary && !this.#names.has(primary.id)) this.#names.set(primary.id, nameOf(primary.taskDefinitionArn));
    this.settle();
  }

  /** Time passes until `done`, at most so many minutes. */
  goOn(done: () => boolean, fate: Fate = () => undefined, minutes = 60): this {
    for (let tick = 0; tick < minutes * 6 && !done(); tick++) {
      this.now += TICK_MS;
      for (const task of this.tasks) {
        const own = task.desiredStatus === 'RUNNING' ? fate(task) : undefined;
        for (const event of own ? (['advance', own] as const) : COURSE) this.befall(event, task.arn);
      }
      this.settle();
    }
    return this;
  }

  get isOver(): boolean {
    const { deployments, steady } = this.service;
    return deployments.length === 1 && deployments[0]?.rolloutState !== 'IN_PROGRESS' && steady;
  }

  isOf(task: TaskRow, name: string): boolean {
    return this.#names.get(task.deploymentId ?? '') === name;
  }

  override pass(): ServiceStep | undefined {
    const { rules } = this;
    const step = super.pass();
    if (this.rules !== rules) {
      this.#line(
        `rules: ${this.rules.production} % of production, ${this.rules.test} % of test to the alternate group`,
      );
    }
    return step;
  }

  render(): string {
    return `${this.lines.join('\n')}\n`;
  }

  #line(text: string): void {
    const seconds = Math.round((this.now - BEGINS_MS) / 1000);
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    this.lines.push(`${clock.padStart(6)}  ${text}`);
  }

  #tell({ step, service, live }: FleetStep): void {
    const [primary] = this.service.deployments;
    if (primary && !this.#names.has(primary.id)) this.#names.set(primary.id, `${nameOf(primary.taskDefinitionArn)}'`);
    const done = doneBy(step, live, (task) => this.#names.get(task.deploymentId ?? '') ?? '');
    this.#line(`${done.join(', ')} | ${this.#counts()}`);
    const said = this.service.events.length - service.events.length;
    for (const { message } of this.service.events.slice(0, said).toReversed()) {
      this.lines.push(`          "${this.#named(message.replace('(service web) ', ''))}"`);
    }
  }

  #named(text: string): string {
    let named = text;
    for (const [id, name] of this.#names) named = named.replaceAll(new RegExp(`${id}(?![\\w'])`, 'g'), name);
    return named;
  }

  /** Of each deployment: its state, and how many of its tasks are healthy. */
  #counts(): string {
    const { deployments } = this.service;
    const healthy = new Set(this.healthy);
    const each = deployments.map(({ id, rolloutState, lifecycle }) => {
      const own = this.live.filter((task) => task.deploymentId === id);
      const stage = rolloutState === 'IN_PROGRESS' && lifecycle ? lifecycle.stage : rolloutState;
      const well = own.filter((task) => healthy.has(task)).length;
      return `${this.#names.get(id) ?? '?'} ${stage} ${well}/${own.length}`;
    });
    const zones = this.live.map((task) => zoneOf(task.network, task.subnetId)).toSorted();
    return `${each.join('; ')}${this.#tellsZones ? ` (zones ${zones.join('') || '-'})` : ''}`;
  }
}

const nameOf = (taskDefinitionArn: string) => /\/([^:]+):/.exec(taskDefinitionArn)?.[1] ?? '';
const idOf = (arn: string) => arn.split('/').at(-1) ?? '';

function doneBy(step: ServiceStep, live: readonly TaskRow[], ownerOf: (task: TaskRow) => string): string[] {
  const stopped = new Map<string, string[]>();
  for (const { taskArn, reason } of step.stops) {
    const task = live.find((one) => one.arn === taskArn);
    const why = reason.startsWith('Scaling') ? '' : ` (${reason})`;
    const key = `${task ? ownerOf(task) : ''}${why}`;
    stopped.set(key, [...(stopped.get(key) ?? []), idOf(taskArn)]);
  }
  return [
    ...(step.failures.length > 0 ? [`count ${step.failures.map(idOf).join(' ')} as failed`] : []),
    ...(step.sick.length > 0 ? [`count ${step.sick.map((one) => idOf(one.taskArn)).join(' ')} as unhealthy`] : []),
    ...(step.registered.length > 0 ? [`${step.registered.map(idOf).join(' ')} joined the load balancer`] : []),
    ...(step.deregistered.length > 0 ? [`${step.deregistered.map(idOf).join(' ')} left the load balancer`] : []),
    ...(step.recovered.length > 0 ? ['forget the failures'] : []),
    ...[...stopped].map(([of, ids]) => `stop ${ids.join(' ')} of ${of}`),
    ...(step.start > 0 ? [`start ${step.start}`] : []),
    ...(step.sourceStart ? [`start ${step.sourceStart} of what is replaced`] : []),
    ...(step.rebalance ? [`rebalancing ${step.rebalance}`] : []),
    ...(step.next ? [`to ${step.next.stage}`] : []),
    ...(step.failure ? [`fail: ${step.failure}`] : []),
    ...(step.rollout && !step.failure ? [step.rollout] : []),
    ...(step.blocked ? ['blocked'] : []),
    ...(step.steady ? ['steady'] : []),
  ];
}
