import type { ListenerTraffic, Statuses, TargetGroupTraffic, Traffic } from '../load-balancer.ts';
import { groupOfAnySection, hasTargets } from './sections.ts';
import { isWaitingRoom } from './waiting-room.ts';

const COUNTED = ['stot', 'conn_tot', 'bin', 'bout', 'econ', 'hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx'] as const;
type Counts = Readonly<Record<(typeof COUNTED)[number], number>>;

const NOTHING: Counts = {
  stot: 0,
  conn_tot: 0,
  bin: 0,
  bout: 0,
  econ: 0,
  hrsp_2xx: 0,
  hrsp_3xx: 0,
  hrsp_4xx: 0,
  hrsp_5xx: 0,
};
const FRONTEND = '0';
const BACKEND = '1';
const SERVER = '2';

interface StatRow {
  readonly section: string;
  readonly name: string;
  readonly type: string;
  readonly counts: Counts;
  /** `scur`: what is open now. */
  readonly open: number;
  readonly responseMs: number;
}

/** Reads the answer of `show stat`. */
export function parseStats(csv: string): readonly StatRow[] {
  const lines = csv.split('\n');
  const start = lines.findIndex((line) => line.startsWith('# pxname'));
  if (start < 0) return [];
  const columns = (lines[start] ?? '').slice(2).split(',');
  return lines.slice(start + 1).flatMap((line) => {
    const cells = line.split(',');
    const at = (column: string) => cells[columns.indexOf(column)] ?? '';
    if (cells.length < 2 || isWaitingRoom(at('svname'))) return [];
    const counts = Object.fromEntries(COUNTED.map((column) => [column, Number(at(column))]));
    return [
      {
        section: at('pxname'),
        name: at('svname'),
        type: at('type'),
        counts: { ...NOTHING, ...counts },
        open: Number(at('scur')),
        responseMs: Number(at('rtime')),
      },
    ];
  });
}

/**
 * Adds up what the processes of one HAProxy have counted. A new process begins at zero, and a target that goes takes its
 * numbers along: what was last seen of either is kept.
 */
export class TrafficCounter {
  #pid = '';
  /** What is over, by listener and by target group. */
  readonly #past = new Map<string, Counts>();
  #last: readonly StatRow[] = [];

  /** @param answer of `show info;show stat` */
  see(answer: string): void {
    const pid = /^Pid: (\d+)$/m.exec(answer)?.[1] ?? '';
    const rows = parseStats(answer);
    if (rows.length === 0) return;
    const key = (row: StatRow) => `${row.section}/${row.name}`;
    const still = new Set(pid === this.#pid ? rows.map(key) : []);
    for (const row of this.#last) {
      if (!still.has(key(row))) this.#past.set(sumKey(row), add(this.#past.get(sumKey(row)) ?? NOTHING, row.counts));
    }
    this.#pid = pid;
    this.#last = rows;
  }

  traffic(listenerIds: readonly string[], groupIds: readonly string[]): Traffic {
    return {
      listeners: listenerIds.map((id) => this.#listener(id)),
      targetGroups: groupIds.map((id) => this.#targetGroup(id)),
    };
  }

  #listener(listenerId: string): ListenerTraffic {
    const rows = this.#last.filter((row) => row.type === FRONTEND && row.section === listenerId);
    const counts = this.#sum(rows, listenerId, FRONTEND);
    return {
      listenerId,
      connections: counts.conn_tot,
      bytes: counts.bin + counts.bout,
      responses: statuses(counts),
      activeConnections: sumOpen(rows),
    };
  }

  #targetGroup(targetGroupId: string): TargetGroupTraffic {
    const own = this.#last.filter((row) => hasTargets(row.section) && groupOfAnySection(row.section) === targetGroupId);
    const rows = own.filter((row) => row.type === SERVER);
    const counts = this.#sum(rows, targetGroupId, SERVER);
    const busy = rows.filter((row) => row.counts.stot > 0);
    const served = busy.reduce((sum, row) => sum + row.counts.stot, 0);
    const active = sumOpen(own.filter((row) => row.type === BACKEND));
    const weighted = busy.reduce((sum, row) => sum + row.responseMs * row.counts.stot, 0);
    return {
      targetGroupId,
      requests: counts.stot,
      responses: statuses(counts),
      connectionErrors: counts.econ,
      responseMs: served === 0 ? 0 : weighted / served,
      active,
      waiting: Math.max(0, active - sumOpen(rows)),
    };
  }

  #sum(rows: readonly StatRow[], id: string, type: string): Counts {
    return rows.map((row) => row.counts).reduce(add, this.#past.get(`${type}/${id}`) ?? NOTHING);
  }
}

function sumOpen(rows: readonly StatRow[]): number {
  return rows.reduce((sum, row) => sum + row.open, 0);
}

function sumKey(row: StatRow): string {
  return `${row.type}/${row.type === SERVER ? groupOfAnySection(row.section) : row.section}`;
}

function statuses(counts: Counts): Statuses {
  return { '2xx': counts.hrsp_2xx, '3xx': counts.hrsp_3xx, '4xx': counts.hrsp_4xx, '5xx': counts.hrsp_5xx };
}

function add(a: Counts, b: Counts): Counts {
  return { ...NOTHING, ...Object.fromEntries(COUNTED.map((column) => [column, a[column] + b[column]])) };
}
