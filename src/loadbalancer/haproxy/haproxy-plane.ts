import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../kernel/clock.ts';
import { messageOf, RuntimeError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { LogPage, LogRange, LogSource } from '../log-entries.ts';
import type { EdgeTable, LoadBalancerPlane, RouteTable, TargetHealth, Traffic } from '../load-balancer.ts';
import { renderEdgeConfig } from './edge-config.ts';
import { HaproxyProcess, type HaproxyProcessOptions } from './haproxy-process.ts';
import { CheckWatches } from './log-check-watch.ts';
import { parseLogLine } from './log-lines.ts';
import { LogSpool } from './log-spool.ts';
import { anyInitial, parseCheckResults, settleCommands, targetHealth } from './health.ts';
import { applyRest, isRejected, type VpcServer } from './partial-apply.ts';
import type { Rendered } from './rendered.ts';
import { readServedTable, writeServedTable } from './served-table.ts';
import { TrafficCounter } from './traffic.ts';
import { edgeSocketPath, groupsInUse, renderVpcConfig } from './vpc-config.ts';
import { Watchdog } from './watchdog.ts';

export interface HaproxyPlaneOptions {
  /** Holds one folder for each HAProxy. Short, because paths of sockets have at most 107 characters. */
  readonly folder: string;
  /** 8 hexadecimal digits that tell this server's processes from another's. */
  readonly instanceId: string;
  /** Where logs of requests wait to be read; beside the folder when left out. */
  readonly logFolder?: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly haproxyPath?: string;
}

const LONGEST_FOLDER = 50;
const SETTLE_EVERY_MS = 200;
const EDGE = 'edge';

/**
 * The load balancers' data plane on HAProxy processes:
 *
 *   folder/VPC-ID/   one HAProxy in the VPC's network namespace, and what it serves: served.json
 *   folder/edge/     one on the host
 */
export class HaproxyPlane implements LoadBalancerPlane {
  readonly #options: HaproxyPlaneOptions;
  /** The last work of each HAProxy: one thing at a time. */
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #watches = new Map<string, () => void>();
  /** What each HAProxy serves, as it was last applied. */
  readonly #served = new Map<string, RouteTable | EdgeTable>();
  readonly #counters = new Map<string, TrafficCounter>();
  readonly #watchdog: Watchdog;
  readonly #checkWatches: CheckWatches;

  constructor(options: HaproxyPlaneOptions) {
    if (!/^\/[A-Za-z0-9_./@+-]*$/.test(options.folder) || options.folder.length > LONGEST_FOLDER) {
      throw new RuntimeError(
        'rejected',
        `HAProxy's folder must be an absolute path of at most ${LONGEST_FOLDER} plain characters: ${options.folder}`,
      );
    }
    this.#options = options;
    this.#watchdog = new Watchdog(options);
    this.#checkWatches = new CheckWatches(options);
  }

  apply(table: RouteTable): Promise<void> {
    return this.#queued(table.vpcId, () => this.#serve(table));
  }

  applyEdge(table: EdgeTable): Promise<void> {
    return this.#queued(EDGE, () => this.#serveEdge(table));
  }

  async health(vpcId: string): Promise<readonly TargetHealth[]> {
    try {
      return await this.#queued(vpcId, () => this.#settle(vpcId));
    } catch (error) {
      if (error instanceof RuntimeError && error.kind === 'gone') return [];
      throw error;
    }
  }

  async traffic(vpcId: string): Promise<Traffic> {
    const table = this.#served.get(vpcId);
    if (!table || !('targetGroups' in table)) return { listeners: [], targetGroups: [] };
    const counter = await this.#queued(vpcId, () => this.#count(vpcId));
    return counter.traffic(
      table.listeners.map((listener) => listener.listenerId),
      groupsInUse(table).map(({ group }) => group.targetGroupId),
    );
  }

  /** Also before counters begin anew. A process that is gone leaves what was last seen of it. */
  async #count(vpcId: string): Promise<TrafficCounter> {
    const counter = this.#counters.get(vpcId) ?? new TrafficCounter();
    this.#counters.set(vpcId, counter);
    counter.see(
      await this.#vpcProcess(vpcId)
        .ask('show info;show stat')
        .catch(() => ''),
    );
    return counter;
  }

  async readLogs(vpcId: string, loadBalancerId: string, range: LogRange, source?: LogSource): Promise<LogPage> {
    const { lines, ...page } = await this.#spool(vpcId, source).read(loadBalancerId, range);
    return { ...page, entries: lines.flatMap(parseLogLine) };
  }

  async forgetLogs(vpcId: string, upTo?: string, source?: LogSource): Promise<void> {
    await this.#queued(`${vpcId}/logs`, () => this.#spool(vpcId, source).forget(upTo));
    // No HAProxy is started meanwhile.
    await this.#queued(vpcId, async () => {
      if (!(await this.#vpcProcess(vpcId).isRunning())) await this.#clearLogs(vpcId);
    });
  }

  async #clearLogs(vpcId: string): Promise<void> {
    for (const source of ['health-checks', 'requests'] as const) {
      await this.#queued(`${vpcId}/logs`, () => this.#spool(vpcId, source).clear());
    }
  }

  #logChecks(vpcId: string, lines: readonly string[]): Promise<void> {
    const { clock } = this.#options;
    return this.#queued(`${vpcId}/logs`, () => this.#spool(vpcId, 'health-checks').append(lines, clock.now()));
  }

  async list(): Promise<readonly string[]> {
    const running = [];
    for (const vpcId of await this.#folders()) if (await this.#vpcProcess(vpcId).isRunning()) running.push(vpcId);
    return running;
  }

  async stop(): Promise<void> {
    for (const vpcId of await this.#folders()) await this.#queued(vpcId, () => this.#stopVpc(vpcId));
    await this.#queued(EDGE, () => this.#stopEdge());
  }

  /** Stops looking after HAProxys and new targets, and leaves every HAProxy running: for the end of the server. */
  detach(): void {
    this.#watchdog.close();
    this.#checkWatches.close();
    this.#served.clear();
    for (const cancel of this.#watches.values()) cancel();
    this.#watches.clear();
  }

  async #serve(table: RouteTable): Promise<void> {
    const { vpcId, namespacePath } = table;
    if (table.listeners.length === 0) return this.#stopVpc(vpcId);
    const process = this.#vpcProcess(vpcId, namespacePath);
    try {
      await this.#put(process, table);
    } catch (error) {
      if (isRejected(error)) await applyRest(this.#server(process, vpcId), table, this.#options.log);
      throw error;
    }
  }

  async #put(process: HaproxyProcess, table: RouteTable): Promise<void> {
    const { vpcId } = table;
    this.#checkWatches.follow(table, {
      ask: (command) => process.ask(command),
      append: (lines) => this.#logChecks(vpcId, lines),
    });
    await process.apply(this.#rendered(table));
    await writeServedTable(this.#vpcFolder(vpcId), table);
    this.#guard(vpcId, process, table, () => this.#serve(table));
    await this.#settle(vpcId);
  }

  #server(process: HaproxyProcess, vpcId: string): VpcServer {
    return {
      isRunning: () => process.isRunning(),
      served: () => readServedTable(this.#vpcFolder(vpcId)),
      check: (table) => process.check(this.#rendered(table)),
      put: (table) => this.#put(process, table),
    };
  }

  #rendered(table: RouteTable): Rendered {
    return renderVpcConfig(table, { folder: this.#vpcFolder(table.vpcId), owner: this.#options.instanceId });
  }

  async #serveEdge(table: EdgeTable): Promise<void> {
    if (table.routes.length === 0 && table.challengeSocket === undefined) return this.#stopEdge();
    await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
    const process = this.#process(this.#edgeFolder());
    const socketOf = (vpcId: string, listenerId: string) => edgeSocketPath(this.#vpcFolder(vpcId), listenerId);
    await process.apply(
      renderEdgeConfig(table, { folder: this.#edgeFolder(), owner: this.#options.instanceId, socketOf }),
    );
    this.#guard(EDGE, process, table, () => this.#serveEdge(table));
  }

  /** What waits in the queue when it dies may start it, or stop it for good: then nothing is left to do. */
  #guard(key: string, process: HaproxyProcess, table: RouteTable | EdgeTable, serve: () => Promise<void>): void {
    this.#served.set(key, table);
    const revive = async () => {
      if (this.#served.get(key) === table && !(await process.isRunning())) await serve();
    };
    this.#watchdog.guard(key, { isRunning: () => process.isRunning(), revive: () => this.#queued(key, revive) });
  }

  #unguard(key: string): void {
    this.#served.delete(key);
    this.#watchdog.release(key);
  }

  /** Lets new targets in whose first checks have passed, and looks again soon while others wait. */
  async #settle(vpcId: string): Promise<readonly TargetHealth[]> {
    const process = this.#vpcProcess(vpcId);
    const before = await process.states();
    // After the states: the check that changed a state is then among the results.
    const checks = parseCheckResults(await process.ask('show stat -1 4 -1'));
    const commands = settleCommands(before, checks, this.#slowStarting(vpcId));
    if (commands.length > 0) await process.ask(commands.join(';'));
    const states = commands.length > 0 ? await process.states() : before;
    this.#watch(vpcId, anyInitial(states));
    return targetHealth(states, checks);
  }

  #slowStarting(vpcId: string): ReadonlySet<string> {
    const table = this.#served.get(vpcId);
    const groups = table && 'targetGroups' in table ? table.targetGroups : [];
    return new Set(groups.filter((group) => group.slowStartMs > 0).map((group) => group.targetGroupId));
  }

  #watch(vpcId: string, waiting: boolean): void {
    this.#watches.get(vpcId)?.();
    this.#watches.delete(vpcId);
    if (!waiting) return;
    const again = () =>
      void this.health(vpcId).catch((error: unknown) => {
        this.#options.log.warn('the health of targets could not be read', { vpcId, error: messageOf(error) });
        this.#watch(vpcId, true);
      });
    this.#watches.set(vpcId, this.#options.clock.after(SETTLE_EVERY_MS, again));
  }

  async #stopVpc(vpcId: string): Promise<void> {
    this.#watch(vpcId, false);
    this.#checkWatches.release(vpcId);
    this.#unguard(vpcId);
    this.#counters.delete(vpcId);
    await this.#vpcProcess(vpcId).stop();
    await this.#clearLogs(vpcId);
  }

  async #stopEdge(): Promise<void> {
    this.#unguard(EDGE);
    await this.#process(this.#edgeFolder()).stop();
  }

  async #queued<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#queues.set(
      key,
      mine.catch(() => undefined),
    );
    return mine;
  }

  async #folders(): Promise<readonly string[]> {
    const names = await readdir(this.#options.folder).catch(() => []);
    return names.filter((name) => name !== EDGE);
  }

  /** HAProxy writes requests where it wrote last, over what others would append: health checks have files of their own. */
  #spool(vpcId: string, source: LogSource = 'requests'): LogSpool {
    const { logFolder = `${this.#options.folder}-logs`, log } = this.#options;
    const folder = join(logFolder, vpcId);
    return new LogSpool(source === 'requests' ? folder : join(folder, source), log);
  }

  #vpcFolder(vpcId: string): string {
    return join(this.#options.folder, vpcId);
  }

  #edgeFolder(): string {
    return join(this.#options.folder, EDGE);
  }

  #vpcProcess(vpcId: string, namespacePath?: string): HaproxyProcess {
    const beforeReset = async () => void (await this.#count(vpcId));
    const openLogs = () => this.#spool(vpcId).open(this.#options.clock.now());
    return this.#process(this.#vpcFolder(vpcId), { namespacePath, beforeReset, openLogs });
  }

  #process(
    folder: string,
    {
      namespacePath,
      ...hooks
    }: Pick<HaproxyProcessOptions, 'beforeReset' | 'openLogs'> & { namespacePath?: string | undefined } = {},
  ): HaproxyProcess {
    const { clock, log, haproxyPath = 'haproxy' } = this.#options;
    return new HaproxyProcess({
      folder,
      haproxyPath,
      clock,
      log,
      ...(namespacePath === undefined ? {} : { namespacePath }),
      ...hooks,
    });
  }
}
