import type { Duplex } from 'node:stream';
import { sleep, systemClock } from '../../kernel/clock.ts';
import { messageOf, RuntimeError } from '../../kernel/errors.ts';
import type { ExecSession, ExecSpec } from '../runtime.ts';
import type { EngineClient } from './engine-client.ts';
import { frames } from './frames.ts';
import { hangUp } from './hang-up.ts';

/** Output may end a moment before the engine has noted the exit: how often, and how long apart, it is asked. */
const EXIT_ASKS = 50;
const EXIT_PAUSE_MS = 10;
/** Input that waits for the program to read it. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

interface InspectedExec {
  readonly Running: boolean;
  readonly ExitCode: number | null;
  /** As the engine sees it. */
  readonly Pid: number;
}

/** `POST /containers/ID/exec` and `POST /exec/ID/start`, whose connection becomes the program's input and output. */
export async function openExec(
  engine: EngineClient,
  containerId: string,
  spec: ExecSpec,
  hostPid: ExecParts['hostPid'] = async (pid) => pid,
): Promise<ExecSession> {
  const created = await engine.call({
    method: 'POST',
    path: `/containers/${encodeURIComponent(containerId)}/exec`,
    body: {
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: spec.terminal,
      Cmd: spec.command,
      Env: Object.entries(spec.environment ?? {}).map(([name, value]) => `${name}=${value}`),
      ...(spec.user ? { User: spec.user } : {}),
    },
  });
  const { Id: id } = created.body as { Id: string };
  const body = { Detach: false, Tty: spec.terminal };
  const connection = await engine.upgrade({ method: 'POST', path: `/exec/${id}/start`, body });
  return new DockerExecSession({ engine, id, containerId, terminal: spec.terminal, connection, hostPid });
}

interface ExecParts {
  readonly engine: EngineClient;
  readonly id: string;
  readonly containerId: string;
  readonly terminal: boolean;
  readonly connection: Duplex;
  readonly hostPid: (pid: number) => Promise<number | undefined>;
}

class DockerExecSession implements ExecSession {
  readonly output: ExecSession['output'];
  readonly #engine: EngineClient;
  readonly #id: string;
  readonly #containerId: string;
  readonly #terminal: boolean;
  readonly #connection: Duplex;
  readonly #hostPid: ExecParts['hostPid'];
  #closed = false;

  constructor(parts: ExecParts) {
    this.#hostPid = parts.hostPid;
    this.#engine = parts.engine;
    this.#id = parts.id;
    this.#containerId = parts.containerId;
    this.#terminal = parts.terminal;
    this.#connection = parts.connection;
    // Whoever reads the output hears of it; input that comes too late is lost, as with a pipe.
    this.#connection.on('error', () => {});
    this.output = this.#read();
  }

  write(bytes: Buffer): void {
    if (!this.#connection.writable) return;
    this.#connection.write(bytes);
    if (this.#connection.writableLength <= MAX_UNREAD_BYTES) return;
    this.#connection.destroy(new Error('more input came than the program reads'));
  }

  end(): void {
    if (this.#connection.writable) this.#connection.end();
  }

  async resize(columns: number, rows: number): Promise<void> {
    const query = { w: String(columns), h: String(rows) };
    // Ended already: there is nothing to resize.
    await this.#engine.call({ method: 'POST', path: `/exec/${this.#id}/resize`, query, accept: [404, 409, 500] });
  }

  async exitCode(): Promise<number | undefined> {
    for (let ask = 0; ask < EXIT_ASKS; ask++) {
      const exec = await this.#inspect();
      if (!exec) return undefined;
      if (!exec.Running) return exec.ExitCode ?? undefined;
      await sleep(systemClock, EXIT_PAUSE_MS);
    }
    return undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.destroy();
    if (this.#terminal) void this.#hangUp();
  }

  async *#read(): AsyncGenerator<{ stream: 'stdout' | 'stderr'; bytes: Buffer }> {
    try {
      if (this.#terminal) {
        for await (const chunk of this.#connection) yield { stream: 'stdout', bytes: chunk as Buffer };
        return;
      }
      for await (const { stream, payload } of frames(this.#connection)) yield { stream, bytes: payload };
    } catch (error) {
      if (this.#closed) return;
      throw new RuntimeError('temporary', `The connection to the program broke: ${messageOf(error)}`, error);
    }
  }

  /** The engine leaves the program running when the connection goes: a terminal's end is said to it here. */
  async #hangUp(): Promise<void> {
    try {
      const exec = await this.#inspect();
      const pid = exec?.Running ? await this.#hostPid(exec.Pid) : undefined;
      if (pid !== undefined) hangUp(pid, this.#containerId);
    } catch {
      // The engine is away: the program ends with its container.
    }
  }

  async #inspect(): Promise<InspectedExec | undefined> {
    const { status, body } = await this.#engine.call({ path: `/exec/${this.#id}/json`, accept: [404] });
    return status === 404 ? undefined : (body as InspectedExec);
  }
}
