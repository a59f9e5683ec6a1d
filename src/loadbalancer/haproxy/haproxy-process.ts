import { execFile, spawn } from 'node:child_process';
import {
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sleep, type Clock } from '../../kernel/clock.ts';
import { messageOf, RuntimeError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { alerts, lostSockets } from './alerts.ts';
import { isFormerSocket, keepSockets } from './kept-sockets.ts';
import { LOG_DESCRIPTOR, LOGS_TO } from './log-format.ts';
import { findMaster, hasEnded, isGone, isInNamespace, processesOf } from './owned-process.ts';
import type { Rendered } from './rendered.ts';
import { adjustMaps, cutCommands, serverCommands, servesAll } from './runtime-changes.ts';
import { ask, runningDescription } from './runtime-socket.ts';
import { nextServerStates, parseServerStates, type ServerState } from './server-state.ts';
import { parseStats } from './traffic.ts';
import { writeWhole } from './whole-file.ts';

export interface HaproxyProcessOptions {
  readonly folder: string;
  readonly haproxyPath: string;
  /** The network namespace it runs in; the host's own when left out. */
  readonly namespacePath?: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Where its logs go; it keeps the file open for as long as it runs. */
  readonly openLogs?: () => Promise<FileHandle>;
  /** Called before counters begin anew: its process is replaced, or servers go. */
  readonly beforeReset?: () => Promise<void>;
}

const READY_WITHIN_MS = 15_000;
const GONE_WITHIN_MS = 5000;
const COMMANDS_AT_ONCE = 40;
const LOG_LIMIT_BYTES = 1024 * 1024;

/**
 * One HAProxy, master and worker, whose whole life is in one folder:
 *
 *   haproxy.cfg  haproxy.pid  haproxy.log  stats.sock  LISTENER.sock  servers.state  cert-DIGEST.pem  ...
 *
 * It outlives this server, and is found again by its command line.
 */
export class HaproxyProcess {
  readonly #options: HaproxyProcessOptions;
  readonly #configPath: string;
  readonly #pidPath: string;
  readonly #logPath: string;
  readonly #socketPath: string;

  constructor(options: HaproxyProcessOptions) {
    this.#options = options;
    this.#configPath = join(options.folder, 'haproxy.cfg');
    this.#pidPath = join(options.folder, 'haproxy.pid');
    this.#logPath = join(options.folder, 'haproxy.log');
    this.#socketPath = join(options.folder, 'stats.sock');
  }

  /**
   * Makes it serve exactly this: started, reloaded, or left alone when it does already.
   * @throws RuntimeError rejected, with HAProxy's words, while what ran before goes on
   */
  async apply(rendered: Rendered): Promise<void> {
    await this.#requireNamespace();
    const pid = await this.#liveWithLogs(rendered);
    const serves = pid !== undefined && (await runningDescription(this.#socketPath)) === rendered.description;
    if (serves && (await this.#adjust(rendered))) return;
    const candidate = await this.check(rendered);
    const known = pid === undefined ? [] : await this.states().catch(() => []);
    await this.#tell(cutCommands(rendered.servers, known, rendered));
    await writeFile(join(this.#options.folder, 'servers.state'), nextServerStates(rendered.servers, known), {
      mode: 0o600,
    });
    const before = await readFile(this.#configPath, 'utf8').catch(() => undefined);
    await rename(candidate, this.#configPath);
    try {
      await (pid === undefined ? this.#start(rendered.description) : this.#reload(pid, rendered));
    } catch (error) {
      if (before !== undefined) await writeFile(this.#configPath, before, { mode: 0o600 });
      throw error;
    }
    await this.#sweep(rendered);
  }

  /**
   * Answers the path of the configuration, which HAProxy would take; nothing that runs changes.
   * @throws RuntimeError rejected, with HAProxy's words
   */
  async check(rendered: Rendered): Promise<string> {
    const candidate = `${this.#configPath}.new`;
    await this.#write(rendered, candidate);
    await this.#read(candidate);
    return candidate;
  }

  async isRunning(): Promise<boolean> {
    return (await findMaster(this.#configPath, this.#pidPath)) !== undefined;
  }

  ask(command: string): Promise<string> {
    return ask(this.#socketPath, command);
  }

  async states(): Promise<readonly ServerState[]> {
    return parseServerStates(await this.ask('show servers state'));
  }

  /** Ends it at once and removes its folder. */
  async stop(): Promise<void> {
    const pid = await findMaster(this.#configPath, this.#pidPath);
    if (pid !== undefined) await this.#end(pid);
    await rm(this.#options.folder, { recursive: true, force: true });
  }

  /** Other targets and weights go in while it runs. False when HAProxy did not take them: then a reload does it. */
  async #adjust(rendered: Rendered): Promise<boolean> {
    const { log, folder } = this.#options;
    try {
      await adjustMaps((command) => this.ask(command), rendered.maps);
      const commands = serverCommands(rendered.servers, await this.states(), {
        kept: await this.#kept(rendered),
        cut: rendered.cut,
        cutDrained: rendered.cutDrained,
      });
      if (commands.some((command) => command.startsWith('del '))) await this.#options.beforeReset?.();
      await this.#tell(commands);
      const adjusted = commands.length === 0 || servesAll(rendered.servers, await this.states());
      if (!adjusted) log.warn('HAProxy did not take all targets at run time, and is reloaded', { folder });
      return adjusted;
    } catch (error) {
      log.warn('HAProxy could not be changed at run time, and is reloaded', { folder, error: messageOf(error) });
      return false;
    }
  }

  /** Some at a time: a command line has at most 16 KiB. */
  async #tell(commands: readonly string[]): Promise<void> {
    for (let at = 0; at < commands.length; at += COMMANDS_AT_ONCE) {
      await this.ask(commands.slice(at, at + COMMANDS_AT_ONCE).join(';'));
    }
  }

  /** Servers that may go only when their connections have ended. */
  async #kept({ lasting }: Rendered): Promise<readonly string[]> {
    if (lasting.length === 0) return [];
    const servers = parseStats(await this.ask('show stat -1 4 -1'));
    return servers
      .filter((server) => server.open > 0 && lasting.includes(server.section))
      .map((server) => `${server.section}/${server.name}`);
  }

  async #requireNamespace(): Promise<void> {
    const { namespacePath } = this.#options;
    if (namespacePath === undefined) return;
    await stat(namespacePath).catch((error: unknown) => {
      throw new RuntimeError('temporary', `The network namespace ${namespacePath} is not there yet`, error);
    });
  }

  /** One that an older server started has no file for logs, and cannot be given one. */
  async #liveWithLogs({ config }: Rendered): Promise<number | undefined> {
    const pid = await this.#liveInRightNamespace();
    if (pid === undefined || !config.includes(LOGS_TO)) return pid;
    const file = await readlink(`/proc/${pid}/fd/${LOG_DESCRIPTOR}`).catch(() => '');
    if (file.endsWith('.log')) return pid;
    this.#options.log.warn('HAProxy has no file for logs: it is started again with one', { pid });
    await this.#end(pid);
    return undefined;
  }

  async #liveInRightNamespace(): Promise<number | undefined> {
    const pid = await findMaster(this.#configPath, this.#pidPath);
    const { namespacePath, log } = this.#options;
    if (pid === undefined || namespacePath === undefined || (await isInNamespace(pid, namespacePath))) return pid;
    log.warn('the network namespace was made anew: HAProxy is started again in it', { pid, namespacePath });
    await this.#end(pid);
    return undefined;
  }

  async #write(rendered: Rendered, configPath: string): Promise<void> {
    await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
    for (const file of rendered.files) await writeWhole(file.path, file.text, file.secret ? 0o600 : 0o644);
    await writeWhole(configPath, rendered.config, 0o600);
    const size = await stat(this.#logPath).then(
      (it) => it.size,
      () => 0,
    );
    if (size > LOG_LIMIT_BYTES) await truncate(this.#logPath, 0);
  }

  async #read(configPath: string): Promise<void> {
    const [command, ...words] = this.#command(['-c', '-f', configPath]);
    await new Promise<void>((resolve, reject) => {
      execFile(command ?? '', words, { timeout: READY_WITHIN_MS }, (error, _stdout, stderr) => {
        if (!error) return resolve();
        const missing = error.code === 'ENOENT' ? 'is HAProxy installed? ' : '';
        reject(
          new RuntimeError(
            'rejected',
            `HAProxy refuses its configuration: ${missing}${alerts(stderr) || messageOf(error)}`,
          ),
        );
      });
    });
  }

  async #start(description: string): Promise<void> {
    await rm(this.#socketPath, { force: true });
    await rm(this.#logPath, { force: true });
    // To append: where the log was cut short, it goes on there.
    const logFile = await open(this.#logPath, 'a', 0o600);
    const [command, ...words] = this.#command(['-W', '-db', '-f', this.#configPath, '-p', this.#pidPath]);
    const logs = await this.#options.openLogs?.();
    // The fourth of them is LOG_DESCRIPTOR.
    const stdio = ['ignore' as const, logFile.fd, logFile.fd, ...(logs ? [logs.fd] : [])];
    const child = spawn(command ?? '', words, { detached: true, stdio });
    let ended: string | undefined;
    child.on('error', (error) => (ended = error.message));
    child.on('exit', (code, signal) => (ended = `ended with ${signal ?? code}`));
    child.unref();
    await logFile.close();
    await logs?.close();
    try {
      await this.#untilServing(description, 0, () => ended);
    } catch (error) {
      if (child.pid !== undefined && ended === undefined) await this.#end(child.pid);
      throw error;
    }
    this.#options.log.info('HAProxy started', { pid: child.pid, folder: this.#options.folder });
  }

  async #reload(pid: number, rendered: Rendered): Promise<void> {
    const { log, folder } = this.#options;
    const logged = await stat(this.#logPath).then(
      (it) => it.size,
      () => 0,
    );
    await this.#options.beforeReset?.();
    await keepSockets(rendered);
    process.kill(pid, 'SIGUSR2');
    const died = async () => ((await hasEnded(pid, this.#configPath)) ? 'ended' : undefined);
    await this.#untilServing(rendered.description, logged, died);
    if (lostSockets(await this.#said(logged))) log.warn('HAProxy was too busy to hand over its sockets', { folder });
    log.debug('HAProxy reloaded', { pid, folder });
  }

  /** The stats socket answers with the new description once a new worker has every listener. */
  async #untilServing(
    description: string,
    logOffset: number,
    ended: () => Promise<string | undefined> | string | undefined,
  ): Promise<void> {
    const { clock } = this.#options;
    const deadline = clock.now() + READY_WITHIN_MS;
    for (;;) {
      if ((await runningDescription(this.#socketPath)) === description) return;
      const why = await ended();
      const said = alerts(await this.#said(logOffset));
      if (why !== undefined || said !== '') {
        throw new RuntimeError('rejected', `HAProxy does not take its configuration: ${said || why}`);
      }
      if (clock.now() > deadline)
        throw new RuntimeError('temporary', 'HAProxy did not serve its configuration in time');
      await sleep(clock, 20);
    }
  }

  /** What it has written since its log had this length. */
  async #said(offset: number): Promise<string> {
    const log = await readFile(this.#logPath).catch(() => Buffer.alloc(0));
    return log.subarray(offset).toString();
  }

  /** The master takes its workers along; what is left after a while is killed. */
  async #end(master: number): Promise<void> {
    const { clock } = this.#options;
    let left: readonly number[] = [...new Set([master, ...(await processesOf(this.#configPath))])];
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      for (const pid of signal === 'SIGTERM' ? [master] : left) sendSignal(pid, signal);
      const deadline = clock.now() + GONE_WITHIN_MS;
      while (clock.now() < deadline) {
        const gone = await Promise.all(left.map(isGone));
        left = left.filter((_, at) => gone[at] !== true);
        if (left.length === 0) return;
        await sleep(clock, 20);
      }
    }
  }

  /** Removes side files and sockets that the running configuration does not name. */
  async #sweep(rendered: Rendered): Promise<void> {
    const keep = new Set(rendered.files.map((file) => basename(file.path)));
    for (const name of await readdir(this.#options.folder)) {
      const isOld = /-[0-9a-f]{16}\.[a-z]+$/.test(name) && !keep.has(name);
      if (isOld || isFormerSocket(name, rendered)) await rm(join(this.#options.folder, name), { force: true });
    }
  }

  #command(words: readonly string[]): readonly string[] {
    const { haproxyPath, namespacePath } = this.#options;
    const haproxy = [haproxyPath, ...words];
    return namespacePath === undefined ? haproxy : ['nsenter', `--net=${namespacePath}`, ...haproxy];
  }
}

/** To one that has ended meanwhile: nothing. */
function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone, which is what was wanted.
  }
}
