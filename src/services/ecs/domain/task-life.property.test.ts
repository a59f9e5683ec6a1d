import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { TaskReport } from '../../../executor/executor.ts';
import { TASK_STATUSES } from '../tables.ts';
import type { TaskRow } from '../tables.ts';
import { planTaskStep } from './task-plan.ts';
import { advance, withReport } from './task-report.ts';
import { stopTask } from './task-stop.ts';
import { INTERFACE, containerRow, definitionRow, taskRow } from './testing-rows.ts';

/** What may happen to a task, in any order and as often as it likes. */
type Event =
  | { readonly type: 'step' }
  | { readonly type: 'stop'; readonly stopCode: 'UserInitiated' | 'ServiceSchedulerInitiated' | 'SpotInterruption' }
  | { readonly type: 'report'; readonly report: TaskReport }
  /** A report of before comes once more, late. */
  | { readonly type: 'repeat'; readonly which: number }
  /** The network interface cannot be made. */
  | { readonly type: 'refuse' };

const containerStatus = fc.constantFrom('PENDING' as const, 'RUNNING' as const, 'STOPPED' as const);
const container = (name: string) =>
  fc.record(
    {
      name: fc.constant(name),
      status: containerStatus,
      health: fc.constant('UNKNOWN' as const),
      exitCode: fc.integer({ min: 0, max: 255 }),
      restartCount: fc.nat(3),
    },
    { requiredKeys: ['name', 'status', 'health'] },
  );
const report: fc.Arbitrary<TaskReport> = fc.record(
  {
    taskArn: fc.constant('t'),
    status: containerStatus,
    containers: fc.tuple(container('web'), container('side')).map((pair) => [...pair]),
    stopCode: fc.constantFrom('TaskFailedToStart' as const, 'EssentialContainerExited' as const),
    stoppedReason: fc.constantFrom('a', 'b'),
  },
  { requiredKeys: ['taskArn', 'status', 'containers'] },
);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ type: 'step' as const }) },
  { weight: 4, arbitrary: report.map((one) => ({ type: 'report' as const, report: one })) },
  { weight: 2, arbitrary: fc.nat(20).map((which) => ({ type: 'repeat' as const, which })) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('UserInitiated' as const, 'ServiceSchedulerInitiated' as const, 'SpotInterruption' as const)
      .map((stopCode) => ({ type: 'stop' as const, stopCode })),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'refuse' as const }) },
);

/** A task's row, moved by the plan as the reconciler moves it and by the executor's reports. */
class World {
  row: TaskRow;
  now = 1000;
  readonly #reports: TaskReport[] = [];

  constructor(hasTargets: boolean) {
    this.row = taskRow({
      targets: hasTargets ? [{ targetGroupArn: 'g', port: 80 }] : [],
      containers: [containerRow('web'), containerRow('side')],
    });
  }

  happen(event: Event): void {
    this.now += 1;
    if (event.type === 'step') this.step();
    else if (event.type === 'stop') this.row = stopTask(this.row, event.stopCode, 'asked', this.now);
    else if (event.type === 'refuse') this.#refuse();
    else {
      const said = event.type === 'report' ? event.report : this.#reports[event.which % (this.#reports.length || 1)];
      if (said) this.#hear(said);
    }
  }

  /** The executor speaks of a task only once it was told of it, and nobody listens once the task has stopped. */
  #hear(report: TaskReport): void {
    if (!this.row.interface || this.row.lastStatus === 'STOPPED') return;
    this.#reports.push(report);
    this.row = withReport(this.row, report, this.now);
  }

  #refuse(): void {
    if (this.row.interface || this.row.lastStatus !== 'PROVISIONING') return;
    const { stopCode = 'TaskFailedToStart', stoppedReason = 'no address' } = this.row;
    this.row = { ...this.row, lastStatus: 'DEPROVISIONING', desiredStatus: 'STOPPED', stopCode, stoppedReason };
  }

  step(): void {
    const observed = { task: this.row, definition: definitionRow(), stoppedTaskRetentionMs: 1e9 };
    for (const { type } of planTaskStep(observed, this.now).actions) {
      if (type === 'attach') this.#move('PENDING', { interface: INTERFACE });
      if (type === 'register') this.#move('RUNNING');
      if (type === 'deregister') this.#move('STOPPING');
      if (type === 'stop') {
        this.#move('STOPPING');
        this.#hear({ taskArn: 't', status: 'STOPPED', containers: [] });
      }
      if (type === 'detach') this.#move('STOPPED', { desiredStatus: 'STOPPED', stoppedAtMs: this.now });
    }
  }

  #move(to: TaskRow['lastStatus'], change: Partial<TaskRow> = {}): void {
    this.row = { ...this.row, ...change, lastStatus: advance(this.row.lastStatus, to) };
  }
}

test('property: a task never goes back, and once it is told to stop it gets to STOPPED', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(event, { maxLength: 40 }), (hasTargets, events) => {
      const world = new World(hasTargets);
      for (const one of events) {
        const before = world.row;
        world.happen(one);
        const after = world.row;
        assert.ok(TASK_STATUSES.indexOf(after.lastStatus) >= TASK_STATUSES.indexOf(before.lastStatus));
        assert.ok(!(before.desiredStatus === 'STOPPED' && after.desiredStatus === 'RUNNING'));
        if (before.stopCode !== undefined) assert.equal(after.stopCode, before.stopCode);
        for (const [i, container] of after.containers.entries()) {
          const was = before.containers[i];
          if (was?.status === container.status) {
            assert.ok((container.restartCount ?? 0) >= (was.restartCount ?? 0));
          }
        }
      }
      world.happen({ type: 'stop', stopCode: 'UserInitiated' });
      for (let i = 0; i < 6; i++) world.step();
      assert.equal(world.row.lastStatus, 'STOPPED');
      assert.equal(world.row.desiredStatus, 'STOPPED');
    }),
  );
});
