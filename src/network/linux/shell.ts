import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { type Clock, systemClock } from '../../kernel/clock.ts';
import { systemIds } from '../../kernel/ids.ts';

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' };

export interface ShellAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Turn {
  readonly mark: string;
  readonly stdout: Collected;
  readonly stderr: Collected;
  resolve(answer: ShellAnswer): void;
  reject(error: Error): void;
}

/**
 * One `sh` that stays and runs one script after another: it forks in a fraction of the time that a large process needs.
 * The end of a script's output is said on both streams by a mark of 128 random bits. The shell reads its scripts from a
 * pipe: it ends by itself when this process does, however that ends.
 */
export class Shell {
  /** Without streams where this process has no room for more files: its `error` says so. */
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  #turn: Turn | undefined;
  #hasEnded = false;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    // A group of its own: a script that takes too long is killed with all that it started.
    this.#child = spawn('/bin/sh', [], { env: ENVIRONMENT, cwd: '/', stdio: 'pipe', detached: true });
    this.#child.on('error', (error) => this.#end(error));
    this.#child.stdin?.on('error', () => {});
    this.#child.stdout?.on('data', (bytes: Buffer) => this.#take('stdout', bytes));
    this.#child.stderr?.on('data', (bytes: Buffer) => this.#take('stderr', bytes));
    this.#child.on('close', (code, signal) => this.#end(new Error(`the shell ended by itself: ${signal ?? code}`)));
    this.#hold(false);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Runs a script that reads no input and leaves the shell as it was. One at a time. */
  async run(script: string, timeoutMs: number): Promise<ShellAnswer> {
    if (this.#turn || this.#hasEnded) throw new Error('the shell is not free');
    const mark = systemIds.hex(32);
    const { promise, resolve, reject } = Promise.withResolvers<ShellAnswer>();
    this.#turn = { mark, stdout: new Collected(), stderr: new Collected(), resolve, reject };
    this.#hold(true);
    const cancel = this.#clock.after(timeoutMs, () => this.#kill(new Error(`it took longer than ${timeoutMs} ms`)));
    this.#child.stdin?.write(`${script}\nprintf '\\n%s %d\\n' ${mark} $?; printf '\\n%s\\n' ${mark} >&2\n`);
    try {
      return await promise;
    } finally {
      cancel();
      this.#hold(false);
    }
  }

  /** Ends it, once its script is done. */
  close(): void {
    this.#child.stdin?.end();
  }

  #take(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    const turn = this.#turn;
    if (!turn) return;
    turn[stream].add(bytes);
    if (turn[stream].bytes > MAX_OUTPUT_BYTES) return this.#kill(new Error('it wrote too much'));
    const out = turn.stdout.before(new RegExp(`\\n${turn.mark} (\\d+)\\n$`));
    const err = out && turn.stderr.before(new RegExp(`\\n${turn.mark}\\n$`));
    if (!out || !err) return;
    this.#turn = undefined;
    turn.resolve({ exitCode: Number(out.captured), stdout: out.text, stderr: err.text });
  }

  #kill(error: Error): void {
    this.#end(error);
    const { pid } = this.#child;
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }

  #end(error: Error): void {
    this.#hasEnded = true;
    const turn = this.#turn;
    this.#turn = undefined;
    turn?.reject(error);
  }

  /** A shell with nothing to do does not keep this process alive. */
  #hold(isBusy: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    const sockets = [stdin, stdout, stderr].filter((stream) => stream instanceof Socket);
    for (const one of [this.#child, ...sockets]) {
      if (isBusy) one.ref();
      else one.unref();
    }
  }
}

/** What a stream has given so far. The end is looked at, not the whole, with each chunk. */
class Collected {
  bytes = 0;
  readonly #chunks: Buffer[] = [];

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.bytes += chunk.length;
  }

  /** What is before the mark that all ends with; undefined as long as it does not. */
  before(mark: RegExp): { readonly text: string; readonly captured: string | undefined } | undefined {
    const tail = this.#tail();
    const found = mark.exec(tail.toString('latin1'));
    if (!found) return undefined;
    const text = Buffer.concat(this.#chunks)
      .subarray(0, this.bytes - found[0].length)
      .toString('utf8');
    return { text, captured: found[1] };
  }

  #tail(): Buffer {
    const last: Buffer[] = [];
    let size = 0;
    for (let at = this.#chunks.length - 1; at >= 0 && size < 64; at--) {
      const chunk = this.#chunks[at] ?? Buffer.alloc(0);
      last.unshift(chunk);
      size += chunk.length;
    }
    return Buffer.concat(last).subarray(-64);
  }
}
