import { RuntimeError } from '../kernel/errors.ts';
import type { ContainerRuntime, ContainerState } from '../runtime/runtime.ts';
import type { PortRange } from './executor.ts';
import { LABEL } from './labels.ts';

/** A range of a container's ports, and the first of as many ports of its host. */
export interface HostRange extends PortRange {
  readonly hostFirst: number;
}

/** Of the ephemeral ports as the ECS agent has them, those that engines come to last: they choose single ones from 32768 on. */
const FIRST = 49_153;
const LAST = 60_999;

type Taken = readonly PortRange[];

/** Finds host ports in a row for the ranges of containers; one container after another, since the engine learns of it last. */
export class PortRanges {
  readonly #runtime: Pick<ContainerRuntime, 'list'>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(runtime: Pick<ContainerRuntime, 'list'>) {
    this.#runtime = runtime;
  }

  /**
   * Creates a container whose label says which ports it has: so those that have not started yet are known too.
   * @throws RuntimeError rejected, in the agent's words, where there are not so many in a row
   */
  async creating<T>(ranges: readonly PortRange[], create: (chosen: readonly HostRange[]) => Promise<T>): Promise<T> {
    if (ranges.length === 0) return create([]);
    const before = this.#last;
    const created = (async () => {
      await before.catch(() => {});
      return create(chooseRanges(ranges, takenPorts(await this.#runtime.list({}))));
    })();
    this.#last = created;
    return created;
  }
}

/** The first ports in a row that nobody has, for each range. */
export function chooseRanges(ranges: readonly PortRange[], taken: Taken): readonly HostRange[] {
  const all = [...taken];
  return ranges.map((range) => {
    const count = range.last - range.first + 1;
    const hostFirst = firstFree(count, all, range.protocol);
    all.push({ first: hostFirst, last: hostFirst + count - 1, protocol: range.protocol });
    return { ...range, hostFirst };
  });
}

function firstFree(count: number, taken: Taken, protocol: PortRange['protocol']): number {
  const own = taken.filter((one) => one.protocol === protocol).toSorted((a, b) => a.first - b.first);
  let first = FIRST;
  for (const range of own) {
    if (range.first >= first + count) break;
    first = Math.max(first, range.last + 1);
  }
  if (first + count - 1 <= LAST) return first;
  throw new RuntimeError('rejected', `${count} contiguous host ports unavailable`);
}

/** What containers have bound, or will. */
function takenPorts(containers: readonly ContainerState[]): Taken {
  return containers.flatMap(({ labels, ports = [] }) => [
    ...ports.map(({ hostPort, protocol }) => ({ first: hostPort, last: hostPort, protocol })),
    ...readLabel(labels[LABEL.hostPorts] ?? ''),
  ]);
}

/** `tcp 49153-49162,udp 49153-49154` */
export function hostPortsLabel(ranges: readonly HostRange[]): string {
  return ranges
    .map(({ first, last, hostFirst, protocol }) => `${protocol} ${hostFirst}-${hostFirst + last - first}`)
    .join(',');
}

function readLabel(text: string): Taken {
  return [...text.matchAll(/(tcp|udp) (\d{1,5})-(\d{1,5})/g)].map(([, protocol, first, last]) => {
    return { first: Number(first), last: Number(last), protocol: protocol === 'udp' ? 'udp' : 'tcp' };
  });
}
