import type { Task } from '@aws-sdk/client-ecs';
import type { EngineEvent } from './engine-events.ts';

/** Times on the way of one task, in ms since the call of RunTask: each when the step was over. NaN: not seen. */
export type Phases = Readonly<Record<(typeof NAMES)[number], number>>;

const NAMES = [
  'created (row written)',
  'interface made',
  'pause container created',
  'pulled (manifest checked)',
  'container created',
  'pause container started',
  'links of the interface wanted',
  'plugged, start of the container asked',
  'container started',
  'RUNNING (row written)',
  'RUNNING (seen by the client)',
] as const;

export interface Sources {
  /** The server's debug log, as text. */
  readonly log: string;
  readonly events: readonly EngineEvent[];
  readonly beganAtMs: number;
  readonly endedAtMs: number;
}

/** Joins the task's own times, the engine's events and the executor's plans in the log. */
export function phasesOf(task: Task, { log, events, beganAtMs, endedAtMs }: Sources): Phases {
  const taskId = task.taskArn?.split('/').at(-1) ?? '';
  const plans = log.split('\n').filter((line) => line.includes(`task=${taskId}`) && line.includes(' why=starting'));
  const planned = (action: string) => timeOf(plans.find((line) => line.includes(`'${action}`)));
  const happened = (role: string, action: string) =>
    events.find((event) => event.task === task.taskArn && event.role === role && event.action === action)?.timeMs;
  const times: Readonly<Record<(typeof NAMES)[number], number | undefined>> = {
    'created (row written)': task.createdAt?.getTime(),
    'interface made': task.connectivityAt?.getTime(),
    'pause container created': happened('pause', 'create'),
    'pulled (manifest checked)': task.pullStoppedAt?.getTime(),
    'container created': happened('container', 'create'),
    'pause container started': happened('pause', 'start'),
    'links of the interface wanted': planned('plug'),
    'plugged, start of the container asked': planned('start '),
    'container started': happened('container', 'start'),
    'RUNNING (row written)': task.startedAt?.getTime(),
    'RUNNING (seen by the client)': endedAtMs,
  };
  return Object.fromEntries(NAMES.map((name) => [name, (times[name] ?? Number.NaN) - beganAtMs])) as Phases;
}

/** Lines begin with the time in ISO 8601. */
function timeOf(line: string | undefined): number | undefined {
  return line === undefined ? undefined : Date.parse(line.slice(0, line.indexOf(' ')));
}
