import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill, processesWith } from './host.ts';
import { must, run } from './run.ts';
import { until } from './until.ts';

/** dockerd's bridge has one of them; nothing is ever joined to it. */
const BRIDGE_ADDRESSES = Array.from({ length: 64 }, (_, n) => `169.254.253.${4 * n + 1}`);

/**
 * A Docker Engine of the test's own, which may be killed: the machine's has other users. Every `docker`, and every server,
 * that this process starts from now on uses it.
 */
export class Engine {
  readonly #folder: string;
  /** `none` would take docker0 from the machine's own engine. */
  readonly #bridge = `ls-${process.pid}`;
  /** A program of its own, as distributions run it: it outlives dockerd. */
  #containerd: ChildProcess | undefined;
  #dockerd: ChildProcess | undefined;
  #log = '';

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Starts one; give it to `after` with `remove`.
   * @param options.diskMib its data folder is a tmpfs of so many MiB; left out: a folder of the disk
   */
  static async start({ diskMib }: { readonly diskMib?: number } = {}): Promise<Engine> {
    const engine = new Engine(await mkdtemp(join(tmpdir(), 'ls-engine-')));
    await mkdir(engine.dataFolder);
    try {
      if (diskMib !== undefined) {
        await must('mount', ['-t', 'tmpfs', '-o', `size=${diskMib}m`, 'longshore-test', engine.dataFolder]);
      }
      await must('ip', ['link', 'add', engine.#bridge, 'type', 'bridge']);
      await must('ip', ['address', 'add', `${freeAddress()}/30`, 'dev', engine.#bridge]);
      process.env['DOCKER_HOST'] = `unix://${engine.socket}`;
      process.env['LONGSHORE_DOCKER'] = `unix://${engine.socket}`;
      await engine.up();
      return engine;
    } catch (error) {
      await engine.remove();
      throw error;
    }
  }

  get socket(): string {
    return join(this.#folder, 'docker.sock');
  }

  get dataFolder(): string {
    return join(this.#folder, 'data');
  }

  /** Starts it (again), and waits until it answers. */
  async up(): Promise<void> {
    if (!isRunning(this.#containerd)) {
      this.#containerd = this.#spawn('containerd', {
        root: join(this.dataFolder, 'containerd'),
        state: join(this.#folder, 'state'),
        address: this.#containerdSocket,
        'log-level': 'warn',
      });
      await until('containerd listens', async () => existsSync(this.#containerdSocket));
    }
    const flags = {
      'data-root': this.dataFolder,
      'exec-root': join(this.#folder, 'exec'),
      containerd: this.#containerdSocket,
      pidfile: join(this.#folder, 'pid'),
      host: `unix://${this.socket}`,
      bridge: this.#bridge,
      iptables: 'false',
      'storage-driver': 'overlay2',
      'log-level': 'warn',
    };
    // Left behind by one that was killed; another process may have its number by now.
    await rm(flags.pidfile, { force: true });
    const dockerd = this.#spawn('dockerd', flags);
    this.#dockerd = dockerd;
    await until('the engine answers', async () => {
      if (!isRunning(dockerd)) throw new Error(`dockerd ended with ${dockerd.exitCode}:\n${this.#log}`);
      return (await run('docker', ['version'])).code === 0;
    });
  }

  get #containerdSocket(): string {
    return join(this.#folder, 'containerd.sock');
  }

  #spawn(program: string, flags: Readonly<Record<string, string>>): ChildProcess {
    const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#log = (this.#log + text).slice(-20_000)));
    return child;
  }

  /** dockerd alone: what it started goes on. */
  async kill9(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** As a host that is switched off: dockerd, containerd and every container. */
  async powerCut(): Promise<void> {
    await this.kill9();
    const containerd = this.#containerd;
    const ended = containerd && isRunning(containerd) && new Promise((resolve) => containerd.once('exit', resolve));
    await this.#killAll();
    // Node hears of it later than the host, and `up` asks Node.
    await ended;
    await rm(this.#containerdSocket, { force: true });
  }

  /** It answers nobody until `thaw`, and takes connections all the same. */
  freeze(): void {
    this.#dockerd?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#dockerd?.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    this.thaw();
    await this.stop();
    await this.#killAll();
    const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
    for (const mount of mounts.toReversed()) {
      if (mount.startsWith(`${this.#folder}/`)) await run('umount', ['--lazy', mount]);
    }
    await run('ip', ['link', 'delete', this.#bridge]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#dockerd;
    if (!child || !isRunning(child)) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** containerd and its shims carry the folder in their command lines; what runs below a shim is a container. */
  async #killAll(): Promise<void> {
    const children = await childrenByParent();
    const doomed = processesWith(this.#folder);
    for (const pid of doomed) doomed.push(...(children.get(pid) ?? []));
    for (const pid of new Set(doomed)) if (pid !== process.pid) kill(pid);
    await until('no process of the engine is left', async () => processesWith(this.#folder).length === 0);
  }
}

function isRunning(child: ChildProcess | undefined): boolean {
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}

async function childrenByParent(): Promise<ReadonlyMap<number, readonly number[]>> {
  const lines = (await must('ps', ['-eo', 'pid=,ppid='])).split('\n').filter((line) => line.trim() !== '');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const byParent = Map.groupBy(pairs, ([, parent = 0]) => parent);
  return new Map([...byParent].map(([parent, all]) => [parent, all.map(([pid = 0]) => pid)]));
}

/** Another engine's bridge may have one, also where a test was killed: with that, dockerd does not start. */
function freeAddress(): string {
  const taken = new Set(Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)));
  const start = process.pid % BRIDGE_ADDRESSES.length;
  const inTurn = [...BRIDGE_ADDRESSES.slice(start), ...BRIDGE_ADDRESSES.slice(0, start)];
  const free = inTurn.find((address) => !taken.has(address));
  if (free === undefined)
    throw new Error('Every address for a bridge is taken: remove the links ls-* of killed tests.');
  return free;
}
