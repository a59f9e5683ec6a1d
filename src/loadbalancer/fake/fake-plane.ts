import type { LogEntry, LogPage, LogRange, LogSource } from '../log-entries.ts';
import type {
  EdgeTable,
  ListenerTraffic,
  LoadBalancerPlane,
  RouteTable,
  TargetGroupState,
  TargetGroupTraffic,
  TargetHealth,
  Traffic,
} from '../load-balancer.ts';

/** A plane that serves nothing: it keeps the tables, and health is what the test says. */
export class FakePlane implements LoadBalancerPlane {
  readonly tables = new Map<string, RouteTable>();
  edge: EdgeTable | undefined;
  /** What each listener and each group says of itself, where it is not zero. */
  listenerTraffic: Partial<ListenerTraffic> = {};
  groupTraffic: Partial<TargetGroupTraffic> = {};
  /** What has been logged for each load balancer: a position is how many entries come before. */
  readonly logs = new Map<string, LogEntry[]>();
  /** What `forgetLogs` was last told of each VPC, and of each `VPC/SOURCE` other than its requests. */
  readonly forgotten = new Map<string, string | undefined>();
  readonly #verdicts = new Map<string, Pick<TargetHealth, 'state' | 'reason' | 'description'>>();

  async apply(table: RouteTable): Promise<void> {
    if (table.listeners.length === 0) this.tables.delete(table.vpcId);
    else this.tables.set(table.vpcId, table);
  }

  async applyEdge(table: EdgeTable): Promise<void> {
    this.edge = table.routes.length === 0 ? undefined : table;
  }

  async health(vpcId: string): Promise<readonly TargetHealth[]> {
    return groupsInUse(this.tables.get(vpcId)).flatMap(({ targetGroupId, targets }) =>
      targets.map(({ ip, port, draining }): TargetHealth => ({
        targetGroupId,
        ip,
        port,
        ...(draining ? DRAINING : (this.#verdicts.get(`${ip}:${port}`) ?? INITIAL)),
      })),
    );
  }

  async traffic(vpcId: string): Promise<Traffic> {
    const table = this.tables.get(vpcId);
    const groups = groupsInUse(table);
    return {
      listeners: (table?.listeners ?? []).map(({ listenerId }) => ({
        ...NO_CLIENTS,
        listenerId,
        ...this.listenerTraffic,
      })),
      targetGroups: groups.map(({ targetGroupId }) => ({ ...NO_REQUESTS, targetGroupId, ...this.groupTraffic })),
    };
  }

  async readLogs(
    _vpcId: string,
    loadBalancerId: string,
    { after = '0', upTo }: LogRange,
    source: LogSource = 'requests',
  ): Promise<LogPage> {
    const logged = this.logs.get(loadBalancerId) ?? [];
    const own = logged.filter(({ type }) => (type === 'health-check') === (source === 'health-checks'));
    const all = own.slice(0, upTo === undefined ? undefined : Number(upTo));
    const next = Math.min(all.length, Number(after) + LOG_PAGE);
    return { entries: all.slice(Number(after), next), next: String(next).padStart(9, '0'), more: next < all.length };
  }

  async forgetLogs(vpcId: string, upTo?: string, source: LogSource = 'requests'): Promise<void> {
    this.forgotten.set(source === 'requests' ? vpcId : `${vpcId}/${source}`, upTo);
  }

  async list(): Promise<readonly string[]> {
    return [...this.tables.keys()];
  }

  async stop(): Promise<void> {
    this.tables.clear();
    this.edge = undefined;
  }

  /** What the health checks of a target say from now on. */
  setHealth(ip: string, port: number, verdict: Pick<TargetHealth, 'state' | 'reason' | 'description'>): void {
    this.#verdicts.set(`${ip}:${port}`, verdict);
  }
}

function groupsInUse(table: RouteTable | undefined): readonly TargetGroupState[] {
  const actions = table?.listeners.flatMap(({ rules }) => rules.map((rule) => rule.action)) ?? [];
  const used = new Set(
    actions.flatMap((action) => (action.type === 'forward' ? action.targets.map((it) => it.targetGroupId) : [])),
  );
  return table?.targetGroups.filter((group) => used.has(group.targetGroupId)) ?? [];
}

const LOG_PAGE = 10;

const NO_STATUSES = { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 };
const NO_CLIENTS = { connections: 0, bytes: 0, responses: NO_STATUSES, activeConnections: 0 };
const NO_REQUESTS = { requests: 0, responses: NO_STATUSES, connectionErrors: 0, responseMs: 0, active: 0, waiting: 0 };

const INITIAL = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
} as const;

const DRAINING = {
  state: 'draining',
  reason: 'Target.DeregistrationInProgress',
  description: 'Target deregistration is in progress',
} as const;
