import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const NANOS_PER_SECOND = 1_000_000_000;
/** The kernel's unit in `/proc/stat` and `cpuacct.stat`, which no supported machine changes. */
const TICK_NANOS = NANOS_PER_SECOND / 100;
/** What v1 says where there is no limit is near 2^63. */
const NO_LIMIT = 2 ** 62;

export interface ControlGroupStats {
  readonly cpu_stats: CpuStats;
  readonly memory_stats: object;
  readonly pids_stats: object;
  readonly blkio_stats: object;
}

export interface CpuStats {
  /** Nanoseconds. */
  readonly cpu_usage: {
    readonly total_usage: number;
    readonly usage_in_kernelmode: number;
    readonly usage_in_usermode: number;
    readonly percpu_usage?: readonly number[];
  };
  /** Nanoseconds of all CPUs of the host. */
  readonly system_cpu_usage: number;
  readonly online_cpus: number;
  readonly throttling_data: object;
}

/** Where the kernel shows them; tests show folders of their own. */
export interface KernelFolders {
  readonly proc: string;
  readonly cgroup: string;
}

const KERNEL: KernelFolders = { proc: '/proc', cgroup: '/sys/fs/cgroup' };

/**
 * What the control group of a process has used, in the words of the Engine's `GET /containers/ID/stats`: the engine
 * itself answers nothing for a container in a network that it did not set up.
 * @returns undefined where the process, or its group, is gone
 */
export async function controlGroupStats(
  pid: number,
  folders: KernelFolders = KERNEL,
): Promise<ControlGroupStats | undefined> {
  const groups = controlGroups(await text(join(folders.proc, String(pid), 'cgroup')));
  if (groups.size === 0) return undefined;
  const host = hostCpu(await text(join(folders.proc, 'stat')));
  // On v1 the unified hierarchy is there too, without controllers.
  const stats = groups.has('memory')
    ? await statsOfV1(groups, folders.cgroup)
    : await statsOfV2(groups, folders.cgroup);
  return stats && { ...stats, cpu_stats: { ...stats.cpu_stats, ...host } };
}

interface OwnStats extends Omit<ControlGroupStats, 'cpu_stats'> {
  readonly cpu_stats: Pick<CpuStats, 'cpu_usage' | 'throttling_data'>;
}

async function statsOfV1(groups: ReadonlyMap<string, string>, root: string): Promise<OwnStats | undefined> {
  const read = (controller: string, file: string) => text(join(root, controller, groups.get(controller) ?? '', file));
  const total = await read('cpuacct', 'cpuacct.usage');
  if (total === '') return undefined;
  const modes = pairs(await read('cpuacct', 'cpuacct.stat'));
  const throttling = pairs(await read('cpu', 'cpu.stat'));
  return {
    cpu_stats: {
      cpu_usage: {
        total_usage: Number(total),
        usage_in_kernelmode: (modes['system'] ?? 0) * TICK_NANOS,
        usage_in_usermode: (modes['user'] ?? 0) * TICK_NANOS,
        percpu_usage: numbers(await read('cpuacct', 'cpuacct.usage_percpu')),
      },
      throttling_data: {
        periods: throttling['nr_periods'] ?? 0,
        throttled_periods: throttling['nr_throttled'] ?? 0,
        throttled_time: throttling['throttled_time'] ?? 0,
      },
    },
    memory_stats: {
      usage: Number(await read('memory', 'memory.usage_in_bytes')),
      max_usage: Number(await read('memory', 'memory.max_usage_in_bytes')),
      ...limit(await read('memory', 'memory.limit_in_bytes')),
      failcnt: Number(await read('memory', 'memory.failcnt')),
      stats: pairs(await read('memory', 'memory.stat')),
    },
    pids_stats: pids(await read('pids', 'pids.current'), await read('pids', 'pids.max')),
    blkio_stats: {
      io_service_bytes_recursive: blockIo(await read('blkio', 'blkio.throttle.io_service_bytes_recursive')),
      io_serviced_recursive: blockIo(await read('blkio', 'blkio.throttle.io_serviced_recursive')),
    },
  };
}

async function statsOfV2(groups: ReadonlyMap<string, string>, root: string): Promise<OwnStats | undefined> {
  const read = (file: string) => text(join(root, groups.get('') ?? '', file));
  const cpu = pairs(await read('cpu.stat'));
  if (cpu['usage_usec'] === undefined) return undefined;
  return {
    cpu_stats: {
      cpu_usage: {
        total_usage: cpu['usage_usec'] * 1000,
        usage_in_kernelmode: (cpu['system_usec'] ?? 0) * 1000,
        usage_in_usermode: (cpu['user_usec'] ?? 0) * 1000,
      },
      throttling_data: {
        periods: cpu['nr_periods'] ?? 0,
        throttled_periods: cpu['nr_throttled'] ?? 0,
        throttled_time: (cpu['throttled_usec'] ?? 0) * 1000,
      },
    },
    memory_stats: {
      usage: Number(await read('memory.current')),
      ...limit(await read('memory.max')),
      stats: pairs(await read('memory.stat')),
    },
    pids_stats: pids(await read('pids.current'), await read('pids.max')),
    blkio_stats: { io_service_bytes_recursive: ioStat(await read('io.stat')) },
  };
}

/** Lines of `/proc/PID/cgroup`, by controller: `4:memory:/docker/ID`, or `0::/docker/ID` of v2. */
export function controlGroups(lines: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of lines.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.+)$/.exec(line) ?? [];
    if (path === undefined) continue;
    for (const controller of (controllers ?? '').split(',')) found.set(controller, path);
  }
  return found;
}

function hostCpu(stat: string): Pick<CpuStats, 'system_cpu_usage' | 'online_cpus'> {
  const [total = ''] = stat.split('\n', 1);
  // user, nice, system, idle, iowait, irq, softirq: what comes after is counted in these already.
  const ticks = numbers(total.replace('cpu', '')).slice(0, 7);
  return {
    system_cpu_usage: ticks.reduce((sum, each) => sum + each, 0) * TICK_NANOS,
    online_cpus: stat.match(/^cpu\d+ /gm)?.length ?? 1,
  };
}

/** `254:0 Read 4096`, and a last line `Total 4096`. */
function blockIo(lines: string): readonly object[] {
  return lines.split('\n').flatMap((line) => {
    const [, major, minor, op, value] = /^(\d+):(\d+) (\w+) (\d+)$/.exec(line) ?? [];
    return op === undefined ? [] : [{ major: Number(major), minor: Number(minor), op, value: Number(value) }];
  });
}

/** `254:0 rbytes=4096 wbytes=0 rios=1 ...` */
function ioStat(lines: string): readonly object[] {
  return lines.split('\n').flatMap((line) => {
    const [, major, minor, rest = ''] = /^(\d+):(\d+) (.*)$/.exec(line) ?? [];
    const ops = { read: /rbytes=(\d+)/.exec(rest)?.[1], write: /wbytes=(\d+)/.exec(rest)?.[1] };
    return Object.entries(ops).flatMap(([op, value]) =>
      value === undefined ? [] : [{ major: Number(major), minor: Number(minor), op, value: Number(value) }],
    );
  });
}

function pids(current: string, most: string): object {
  return { current: Number(current), ...(/^\d+$/.test(most) ? { limit: Number(most) } : {}) };
}

function limit(bytes: string): { readonly limit?: number } {
  return /^\d+$/.test(bytes) && Number(bytes) < NO_LIMIT ? { limit: Number(bytes) } : {};
}

function pairs(lines: string): Readonly<Record<string, number>> {
  const entries = lines.split('\n').map((line) => line.split(' '));
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (name && value !== undefined ? [[name, Number(value)] as const] : [])),
  );
}

function numbers(words: string): readonly number[] {
  return words.trim().split(/\s+/).filter(Boolean).map(Number);
}

/** Empty for what is not there: a group goes with its last process. */
async function text(path: string): Promise<string> {
  const content = await readFile(path, 'utf8').catch(() => '');
  return content.trim();
}
