import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { must, run } from './run.ts';

/** One container of the engine, as `docker inspect` shows it. */
export interface SeenContainer {
  readonly id: string;
  readonly startedAt: string;
  readonly running: boolean;
  readonly pid: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Every container that carries the instance's label, whatever its state. */
export async function containersOf(instanceId: string): Promise<SeenContainer[]> {
  const filter = `label=longshore.instance=${instanceId}`;
  const ids = words(await must('docker', ['ps', '--all', '--quiet', '--no-trunc', '--filter', filter]));
  if (ids.length === 0) return [];
  const { stdout } = await run('docker', ['inspect', ...ids]);
  const seen: any[] = JSON.parse(stdout);
  return seen.map((each) => ({
    id: each.Id,
    startedAt: each.State.StartedAt,
    running: each.State.Running,
    pid: each.State.Pid,
    labels: each.Config.Labels,
  }));
}

/** The container that runs `name` of a task. */
export async function containerOf(
  instanceId: string,
  taskArn: string | undefined,
  name = 'web',
): Promise<SeenContainer> {
  const all = await containersOf(instanceId);
  const found = all.find(
    (one) => one.labels['longshore.task'] === taskArn && one.labels['longshore.container'] === name,
  );
  if (!found) throw new Error(`No container ${name} of ${taskArn} is there.`);
  return found;
}

/** Names of the instance's network namespaces. */
export async function namespacesOf(instanceId: string): Promise<string[]> {
  const names = linesOf(await must('ip', ['netns', 'list'])).map((line) => line.split(' ')[0] ?? '');
  return names.filter((name) => name.includes(instanceId));
}

/** Links to tasks in a VPC's namespace. */
export async function taskLinks(namespace: string): Promise<string[]> {
  const text = await must('ip', ['-n', namespace, '-o', 'link', 'show', 'type', 'veth']);
  return linesOf(text)
    .map((line) => line.split(':')[1]?.trim() ?? '')
    .filter((name) => name.startsWith('e'));
}

/** Ids of processes of which some word of the command line has this in it. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => commandLine(pid).includes(text))
    .map(Number);
}

/** Everything on this host that carries the instance's name, one line each: nothing after a `reset`. */
export async function leftoversOf(instanceId: string, home: string): Promise<string[]> {
  const marked = async (program: string, args: readonly string[]) => {
    const { stdout } = await run(program, args);
    return linesOf(stdout)
      .filter((line) => line.includes(instanceId))
      .map((line) => `${program} ${args.join(' ')}: ${line}`);
  };
  const metric = String(Math.max(1, Number.parseInt(instanceId, 16)));
  const routes = linesOf((await run('ip', ['route', 'show', 'table', 'all'])).stdout);
  return [
    ...(await containersOf(instanceId)).map((one) => `container ${one.id}`),
    ...(await namespacesOf(instanceId)).map((name) => `namespace ${name}`),
    ...(await marked('ip', ['-o', 'link'])),
    ...(await marked('nft', ['list', 'tables'])),
    ...(await marked('iptables-save', [])),
    ...(await marked('docker', ['volume', 'ls'])),
    ...(await marked('docker', ['network', 'ls'])),
    ...routes.filter((line) => line.includes(`metric ${metric}`)).map((line) => `route ${line}`),
    ...[...processesWith(home), ...processesWith(instanceId)].map(
      (pid) => `process ${pid}: ${commandLine(String(pid))}`,
    ),
    ...readdirSync('/run')
      .filter((name) => name.includes(instanceId))
      .map((name) => `file /run/${name}`),
    ...(existsSync(home) ? [`folder ${home}`] : []),
  ];
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // It has ended.
  }
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** One HAProxy of a server: `edge`, or the id of its VPC. */
export interface SeenHaproxy {
  readonly name: string;
  readonly master: number;
  readonly workers: readonly number[];
}

/** The running HAProxys whose folders are in this home. */
export function haproxiesOf(home: string): SeenHaproxy[] {
  const pids = processesWith(`-f ${home}/haproxy/`);
  const byName = Map.groupBy(
    pids,
    (pid) => /\/haproxy\/([^/]+)\/haproxy\.cfg/.exec(commandLine(String(pid)))?.[1] ?? '',
  );
  return [...byName].flatMap(([name, all]) => {
    const master = all.find((pid) => !all.includes(parentOf(pid)));
    return master === undefined ? [] : [{ name, master, workers: all.filter((pid) => pid !== master) }];
  });
}

/** Kills a process, if it has not gone with another: a worker ends with its master. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0; // It has ended.
  }
}
