/** A failure that the person at the terminal can act on: shown without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  /** What to do about it. */
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, options: { hint?: string; exitCode?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** Ctrl-C: what runs is cleaned up, then the process ends with the code that shells give it. */
export class Interrupted extends CliError {
  constructor() {
    super('interrupted', { exitCode: 130 });
  }
}
