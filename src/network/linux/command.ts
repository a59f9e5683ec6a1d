import { messageOf, RuntimeError } from '../../kernel/errors.ts';
import type { ShellAnswer } from './shell.ts';
import { ShellPool } from './shell-pool.ts';
import { scriptOf } from './shell-script.ts';

const TIMEOUT_MS = 15_000;
const SHELLS = 4;
const NOT_FOUND = 127;

const pool = new ShellPool(SHELLS);

/**
 * Runs a program to its end and answers what it wrote. `input` becomes its standard input.
 * @throws RuntimeError rejected when it is not installed, temporary when it fails or takes too long
 */
export async function run(program: string, args: readonly string[], input?: string): Promise<string> {
  const words = [program, ...args];
  const script = scriptOf(words, input);
  const answer = await pool.run(script, TIMEOUT_MS).catch((error: unknown) => {
    throw new RuntimeError('temporary', `${words.join(' ')}: ${messageOf(error)}`, error);
  });
  if (answer.exitCode === 0) return answer.stdout;
  if (isMissing(program, answer)) throw new RuntimeError('rejected', `${program} is not installed`);
  const why = answer.stderr.trim() || `it ended with ${answer.exitCode}`;
  throw new RuntimeError('temporary', `${words.join(' ')}: ${why}`);
}

/** Ends the processes that `run` keeps; running something more starts them again. */
export function closeShells(): void {
  pool.close();
}

/** As `run`, but answers undefined when the program fails: for questions, where failing is an answer. */
export async function ask(program: string, args: readonly string[], input?: string): Promise<string | undefined> {
  try {
    return await run(program, args, input);
  } catch (error) {
    if (error instanceof RuntimeError && error.kind === 'temporary') return undefined;
    throw error;
  }
}

/** Runs lines of `ip` in one process, on the host or in a named namespace. No lines: nothing is run. */
export async function runIp(lines: readonly string[], namespace?: string): Promise<void> {
  if (lines.length === 0) return;
  await run('ip', [...(namespace === undefined ? [] : ['-n', namespace]), '-batch', '-'], `${lines.join('\n')}\n`);
}

/** Runs a program in the network namespace at `path`; the other namespaces stay the host's. */
export function runInside(path: string, program: string, args: readonly string[], input?: string): Promise<string> {
  return run('nsenter', [`--net=${path}`, '--', program, ...args], input);
}

/** The shell's own words, as dash and bash say it. */
function isMissing(program: string, { exitCode, stderr }: ShellAnswer): boolean {
  return exitCode === NOT_FOUND && /: (?:command )?not found$/.test(stderr.trim()) && stderr.includes(`: ${program}: `);
}
