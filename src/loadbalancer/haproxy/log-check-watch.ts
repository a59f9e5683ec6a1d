import type { Clock } from '../../kernel/clock.ts';
import { messageOf, RuntimeError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { RouteTable } from '../load-balancer.ts';
import { checkLine, CheckLog, CHECKS_COMMAND } from './log-checks.ts';
import { groupsInUse } from './vpc-config.ts';

/** How a VPC's HAProxy is asked, and where lines for the log of its checks go. */
export interface Watched {
  ask(command: string): Promise<string>;
  append(lines: readonly string[]): Promise<void>;
}

/** No check begins so soon after the last one's end: intervals have 5 seconds or more, timeouts are shorter. */
const LOOK_EVERY_MS = 500;

interface Watch {
  table: RouteTable;
  cancel: () => void;
}

/** Logs the health checks of each HAProxy, where a load balancer's logs tell of them, while the server runs. */
export class CheckWatches {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #watches = new Map<string, Watch>();
  #isClosed = false;

  constructor(options: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** From now on, what this table asks for. */
  follow(table: RouteTable, watched: Watched): void {
    const { vpcId, listeners } = table;
    if (!listeners.some(({ logs }) => logs?.healthChecks)) return this.release(vpcId);
    const known = this.#watches.get(vpcId);
    if (known) known.table = table;
    else if (!this.#isClosed) this.#lookLater({ table, cancel: () => {} }, watched, new CheckLog(this.#clock.now()));
  }

  release(vpcId: string): void {
    this.#watches.get(vpcId)?.cancel();
    this.#watches.delete(vpcId);
  }

  close(): void {
    this.#isClosed = true;
    for (const vpcId of this.#watches.keys()) this.release(vpcId);
  }

  #lookLater(watch: Watch, watched: Watched, checks: CheckLog): void {
    const { vpcId } = watch.table;
    this.#watches.set(vpcId, watch);
    const lookNow = async () => {
      await this.#look(watch, watched, checks);
      // Released meanwhile.
      if (this.#watches.get(vpcId) === watch) this.#lookLater(watch, watched, checks);
    };
    watch.cancel = this.#clock.after(LOOK_EVERY_MS, () => void lookNow());
  }

  async #look(watch: Watch, watched: Watched, checks: CheckLog): Promise<void> {
    try {
      const ended = checks.see(await watched.ask(CHECKS_COMMAND));
      const inUse = groupsInUse(watch.table);
      const lines = ended.flatMap((check) => checkLine(check, inUse));
      if (lines.length > 0) await watched.append(lines);
    } catch (error) {
      // It is being started, or has died: the watchdog tells.
      if (error instanceof RuntimeError && error.kind === 'gone') return;
      this.#log.warn('health checks could not be logged', { vpcId: watch.table.vpcId, error: messageOf(error) });
    }
  }
}
