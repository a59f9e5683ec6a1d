import { spawn } from 'node:child_process';
import { CliError, Interrupted } from './cli-error.ts';

const LINES_SHOWN = 25;

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to its standard input, never shown. */
  readonly input?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Called with each line that it prints. */
  readonly onLine?: (line: string) => void;
}

export interface Ran {
  readonly code: number;
  /** Standard output, and after it standard error. */
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end.
 * @throws CliError when there is no such program, or it takes longer than it may
 */
export function tryRun(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const limits = [options.signal, options.timeoutMs ? AbortSignal.timeout(options.timeoutMs) : undefined];
    const child = spawn(program, args, {
      ...(options.cwd && { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      signal: AbortSignal.any(limits.filter((limit) => limit !== undefined)),
    });
    const seen = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (chunk: string) => {
        seen[stream] += chunk;
        for (const line of chunk.split('\n')) if (line.trim()) options.onLine?.(line.trim());
      });
    }
    child.once('error', (error: NodeJS.ErrnoException) => reject(launchFailure(program, error, options)));
    child.once('close', (code) => resolve({ code: code ?? 1, ...seen }));
    child.stdin.on('error', () => {}); // It may end without reading what it was given.
    child.stdin.end(options.input ?? '');
  });
}

/** Answers what the program printed. @throws CliError with the end of its output when its code is not 0 */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const ran = await tryRun(program, args, options);
  if (ran.code === 0) return ran.stdout;
  const lines = `${ran.stdout}${ran.stderr}`.trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
  throw new CliError(`${program} ${args.join(' ')} ended with code ${ran.code}:\n${lines}`);
}

function launchFailure(program: string, error: NodeJS.ErrnoException, options: RunOptions): CliError {
  if (options.signal?.aborted) return new Interrupted();
  if (error.name === 'AbortError') return new CliError(`${program} took longer than ${options.timeoutMs} ms`);
  return error.code === 'ENOENT'
    ? new CliError(`${program} is not installed`, { hint: 'run: scripts/setup' })
    : new CliError(`${program} could not be started: ${error.message}`);
}
