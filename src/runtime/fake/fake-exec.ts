import type { ExecSession, ExecSpec } from '../runtime.ts';

type Output = { readonly stream: 'stdout' | 'stderr'; readonly bytes: Buffer };

/** What a program that `exec` starts in a fake container does: it acts on the exec, now or later. */
export type FakeExecProgram = (exec: FakeExec) => void;

/** One program that `exec` started. Tests and programs see its input, and make its output and end. */
export class FakeExec implements ExecSession {
  readonly spec: ExecSpec;
  readonly sizes: { readonly columns: number; readonly rows: number }[] = [];
  readonly output: AsyncIterable<Output>;
  isClosed = false;
  /** Called with what is written; an empty buffer: no more input. */
  onInput: (bytes: Buffer) => void = () => {};
  onResize: (columns: number, rows: number) => void = () => {};
  readonly #queue: Output[] = [];
  #exitCode: number | undefined;
  #hasEnded = false;
  #wake: () => void = () => {};

  constructor(spec: ExecSpec) {
    this.spec = spec;
    this.output = this.#read();
  }

  print(text: string, stream: Output['stream'] = 'stdout'): void {
    if (this.#hasEnded) return;
    this.#queue.push({ stream: this.spec.terminal ? 'stdout' : stream, bytes: Buffer.from(text) });
    this.#wake();
  }

  exit(exitCode: number): void {
    if (this.#hasEnded) return;
    this.#exitCode = exitCode;
    this.#hasEnded = true;
    this.#wake();
  }

  write(bytes: Buffer): void {
    if (!this.#hasEnded && bytes.length > 0) this.onInput(bytes);
  }

  end(): void {
    if (!this.#hasEnded) this.onInput(Buffer.alloc(0));
  }

  async resize(columns: number, rows: number): Promise<void> {
    this.sizes.push({ columns, rows });
    this.onResize(columns, rows);
  }

  async exitCode(): Promise<number | undefined> {
    return this.#exitCode;
  }

  /** A program that has a terminal is hung up. */
  close(): void {
    this.isClosed = true;
    if (this.spec.terminal) this.exit(129);
    this.#wake();
  }

  async *#read(): AsyncGenerator<Output> {
    while (!this.isClosed) {
      const next = this.#queue.shift();
      if (next) yield next;
      else if (this.#hasEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
