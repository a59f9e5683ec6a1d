import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Stored } from '../../../store/store.ts';
import type { TaskRow } from '../tables.ts';
import { planTaskSets } from './task-set-plan.ts';
import type { TaskSetStep } from './task-set-plan.ts';
import type { TaskSetRow } from './task-set.ts';
import { stopTask } from './task-stop.ts';
import { SCOPE, deploymentRow, serviceRow, serviceTask } from './testing-rows.ts';

/** Task sets of an external controller, and their tasks, in memory: each pass is told. */
class TaskSets {
  readonly lines = ['EXTERNAL, 4 tasks: what an external controller asks for, and what becomes of it'];
  service = serviceRow({ desiredCount: 4, isExternal: true, deployments: [] });
  sets: Stored<TaskSetRow>[] = [];
  tasks: TaskRow[] = [];
  #made = 0;

  ask(what: string, act: () => void): void {
    this.lines.push(`> ${what}`);
    act();
    for (let passes = 0; passes < 20 && this.#pass(); passes++);
    // Ten seconds later what was started runs, and what was stopped is gone.
    this.tasks = this.tasks
      .filter((task) => task.desiredStatus === 'RUNNING')
      .map((task) => ({ ...task, lastStatus: 'RUNNING', startedAtMs: 0 }));
    for (let passes = 0; passes < 20 && this.#pass(); passes++);
  }

  add(id: string, scale: number): void {
    const { arn: serviceArn, clusterArn } = this.service;
    const of = { ...SCOPE, arn: id, id, serviceArn, clusterArn, tags: {}, createdAtMs: 0, updatedAtMs: 0 };
    const row = { ...of, status: 'ACTIVE' as const, scale, workload: deploymentRow(id), isSteady: false };
    this.sets.push({ ...row, stabilityAtMs: 0, revision: 1 });
  }

  change(id: string, change: Partial<TaskSetRow>): void {
    this.sets = this.sets.map((set) => (set.id === id ? { ...set, ...change } : set));
  }

  #pass(): boolean {
    const { service, sets, tasks } = this;
    const { actions } = planTaskSets({ service, sets, tasks, checkedContainers: new Map() }, 1_000_000);
    const steps = actions.filter((action) => action.type === 'step');
    for (const step of steps) this.#apply(step);
    return steps.length > 0;
  }

  #apply(step: TaskSetStep): void {
    const { id, workload } = step.set;
    const reasons = new Map(step.stops.map((stop) => [stop.taskArn, stop.reason]));
    const isCounted = (task: TaskRow) => step.failures.includes(task.arn);
    this.tasks = this.tasks
      .map((task) => (isCounted(task) ? { ...task, countedAsFailure: true as const } : task))
      .map((task) => (reasons.has(task.arn) ? stopTask(task, 'ServiceSchedulerInitiated', 'Scaling', 0) : task));
    for (let i = 0; i < step.start; i++) {
      this.tasks.push(serviceTask(`t${++this.#made}`, id, { lastStatus: 'PENDING', createdAtMs: this.#made }));
    }
    const failedTasks = step.isSteady ? 0 : workload.failedTasks + step.failures.length;
    this.change(id, { isSteady: step.isSteady, workload: { ...workload, failedTasks } });
    if (step.isGone) this.sets = this.sets.filter((set) => set.id !== id);
    this.#tell(step);
  }

  #tell(step: TaskSetStep): void {
    const ids = (arns: readonly string[]) => arns.map((arn) => arn.split('/').at(-1)).join(' ');
    const done = [
      ...(step.failures.length > 0 ? [`count ${ids(step.failures)} as failed`] : []),
      ...(step.stops.length > 0 ? [`stop ${ids(step.stops.map((stop) => stop.taskArn))}`] : []),
      ...(step.start > 0 ? [`start ${step.start}`] : []),
      step.isGone ? 'gone' : step.isSteady ? 'steady' : 'stabilizing',
    ];
    const counts = this.sets.map(({ id, status, scale }) => {
      const own = this.tasks.filter((task) => task.deploymentId === id && task.desiredStatus === 'RUNNING');
      const running = own.filter((task) => task.lastStatus === 'RUNNING').length;
      return `${id} ${status} ${scale} % ${running}/${own.length}`;
    });
    this.lines.push(`  ${step.set.id}: ${done.join(', ')} | ${counts.join('; ') || 'no task sets'}`);
  }
}

test('the plan of task sets is as in golden/external-task-sets.txt', async () => {
  const world = new TaskSets();
  world.ask('CreateTaskSet blue with a scale of 100 %', () => world.add('blue', 100));
  world.ask('UpdateServicePrimaryTaskSet to blue', () => world.change('blue', { status: 'PRIMARY' }));
  world.ask('CreateTaskSet green with a scale of 10 %, rounded up', () => world.add('green', 10));
  world.ask('UpdateTaskSet green to a scale of 100 %', () => world.change('green', { scale: 100 }));
  world.ask('a task of green ends by itself', () => {
    world.tasks = world.tasks.map((task) =>
      task.id === 't6'
        ? { ...task, desiredStatus: 'STOPPED', stopCode: 'EssentialContainerExited', stoppingAtMs: 999_000 }
        : task,
    );
  });
  world.ask('UpdateServicePrimaryTaskSet to green', () => {
    world.change('green', { status: 'PRIMARY' });
    world.change('blue', { status: 'ACTIVE' });
  });
  world.ask('DeleteTaskSet blue', () => world.change('blue', { status: 'DRAINING' }));
  world.ask('UpdateService to 2 tasks', () => {
    world.service = { ...world.service, desiredCount: 2 };
  });
  const file = new URL('golden/external-task-sets.txt', import.meta.url);
  const text = `${world.lines.join('\n')}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(file, text);
  assert.equal(text, await readFile(file, 'utf8'));
});
