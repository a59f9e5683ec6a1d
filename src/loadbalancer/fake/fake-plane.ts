import type { EdgeTable, LoadBalancerPlane, RouteTable, TargetHealth } from '../load-balancer.ts';

/** A plane that serves nothing: it keeps the tables, and health is what the test says. */
export class FakePlane implements LoadBalancerPlane {
  readonly tables = new Map<string, RouteTable>();
  edge: EdgeTable | undefined;
  readonly #verdicts = new Map<string, Pick<TargetHealth, 'state' | 'reason' | 'description'>>();

  async apply(table: RouteTable): Promise<void> {
    if (table.listeners.length === 0) this.tables.delete(table.vpcId);
    else this.tables.set(table.vpcId, table);
  }

  async applyEdge(table: EdgeTable): Promise<void> {
    this.edge = table.routes.length === 0 ? undefined : table;
  }

  async health(vpcId: string): Promise<readonly TargetHealth[]> {
    const table = this.tables.get(vpcId);
    if (!table) return [];
    const used = new Set(
      table.listeners.flatMap((listener) =>
        listener.rules.flatMap(({ action }) =>
          action.type === 'forward' ? action.targets.map((target) => target.targetGroupId) : [],
        ),
      ),
    );
    return table.targetGroups
      .filter((group) => used.has(group.targetGroupId))
      .flatMap(({ targetGroupId, targets }) =>
        targets.map(({ ip, port, draining }): TargetHealth => ({
          targetGroupId,
          ip,
          port,
          ...(draining ? DRAINING : (this.#verdicts.get(`${ip}:${port}`) ?? INITIAL)),
        })),
      );
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
