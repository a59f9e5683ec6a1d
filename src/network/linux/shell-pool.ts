import { Shell, type ShellAnswer } from './shell.ts';

/** A few shells; a script waits where all are busy. One that has ended is replaced when it is needed. */
export class ShellPool {
  readonly #size: number;
  readonly #start: () => Shell;
  readonly #idle: Shell[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #closes = 0;

  /** @param start of a new shell */
  constructor(size: number, start = () => new Shell()) {
    this.#size = size;
    this.#start = start;
  }

  async run(script: string, timeoutMs: number): Promise<ShellAnswer> {
    while (this.#busy >= this.#size) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy += 1;
    const closes = this.#closes;
    try {
      const shell = this.#take();
      try {
        return await shell.run(script, timeoutMs);
      } finally {
        if (closes !== this.#closes) shell.close();
        else if (!shell.hasEnded) this.#idle.push(shell);
      }
    } finally {
      this.#busy -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** Ends every shell, the busy ones after their script. What is run later gets new ones. */
  close(): void {
    this.#closes += 1;
    for (const shell of this.#idle.splice(0)) shell.close();
  }

  #take(): Shell {
    for (let shell = this.#idle.pop(); shell; shell = this.#idle.pop()) if (!shell.hasEnded) return shell;
    return this.#start();
  }
}
