import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesWith } from '../test/harness/host.ts';
import { must, run } from '../test/harness/run.ts';
import { waitUntil } from './site.ts';

/**
 * A Docker Engine of the bench's own in swarm mode, alone in a network namespace: nothing that it makes, docker_gwbridge
 * and its rules among it, is seen by the machine's own engine.
 */
export class SwarmEngine {
  readonly #folder: string;
  readonly #namespace = `ls-swarm-${process.pid}`;
  #log = '';

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** `cleanup` takes all of it off the machine. */
  static async start(cleanup: AsyncDisposableStack): Promise<SwarmEngine> {
    const engine = new SwarmEngine(await mkdtemp(join(tmpdir(), 'ls-swarm-')));
    cleanup.defer(() => engine.#remove());
    await must('ip', ['netns', 'add', engine.#namespace]);
    await must('ip', ['-n', engine.#namespace, 'link', 'set', 'lo', 'up']);
    await engine.#up();
    await engine.docker(['swarm', 'init', '--advertise-addr', '127.0.0.1', '--listen-addr', '127.0.0.1:2377']);
    return engine;
  }

  async docker(args: readonly string[]): Promise<string> {
    return must('docker', ['--host', `unix://${this.#socket}`, ...args]);
  }

  /** Has an image of the machine's own engine too. */
  async load(image: string): Promise<void> {
    const both = `docker save "$1" | docker --host "unix://$2" load --quiet`;
    await must('sh', ['-c', both, 'sh', image, this.#socket]);
  }

  /** Asks the engine's API: no program has to start for it. */
  async get(path: string): Promise<any> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.#socket, path }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.once('end', () => resolve(JSON.parse(text)));
        answer.once('error', reject);
      });
      asked.once('error', reject).end();
    });
  }

  get #socket(): string {
    return join(this.#folder, 'docker.sock');
  }

  async #up(): Promise<void> {
    const containerd = join(this.#folder, 'containerd.sock');
    this.#spawn('containerd', {
      root: join(this.#folder, 'containerd'),
      state: join(this.#folder, 'state'),
      address: containerd,
      'log-level': 'warn',
    });
    await waitUntil('containerd listens', async () => existsSync(containerd) || undefined);
    const dockerd = this.#spawn('dockerd', {
      'data-root': join(this.#folder, 'data'),
      'exec-root': join(this.#folder, 'exec'),
      containerd,
      pidfile: join(this.#folder, 'pid'),
      host: `unix://${this.#socket}`,
      'storage-driver': 'overlay2',
      'log-level': 'warn',
    });
    await waitUntil('the engine answers', async () => {
      if (dockerd.exitCode !== null) throw new Error(`dockerd ended with ${dockerd.exitCode}:\n${this.#log}`);
      return this.get('/version').catch(() => undefined);
    });
  }

  #spawn(program: string, flags: Readonly<Record<string, string>>): ChildProcess {
    const words = [program, ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)];
    const child = spawn('nsenter', [`--net=/run/netns/${this.#namespace}`, ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#log = (this.#log + text).slice(-20_000)));
    return child;
  }

  /** Its containers first, whose processes do not carry the folder in their command lines. */
  async #remove(): Promise<void> {
    await run('docker', ['--host', `unix://${this.#socket}`, 'swarm', 'leave', '--force']);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      for (const pid of processesWith(`${this.#folder}/`)) sendSignal(pid, signal);
      await waitUntil(
        'its processes end',
        async () => processesWith(`${this.#folder}/`).length === 0 || undefined,
      ).catch(() => undefined);
    }
    const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
    for (const mount of mounts.toReversed()) {
      if (mount.startsWith(`${this.#folder}/`)) await run('umount', ['--lazy', mount]);
    }
    await run('ip', ['netns', 'delete', this.#namespace]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
