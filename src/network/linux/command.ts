import { execFile } from 'node:child_process';
import { RuntimeError } from '../../kernel/errors.ts';

const TIMEOUT_MS = 15_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' };

/**
 * Runs a program to its end and answers what it wrote. `input` becomes its standard input.
 * @throws RuntimeError rejected when it is not installed, temporary when it fails or takes too long
 */
export function run(program: string, args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { env: ENVIRONMENT, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        if (error.code === 'ENOENT') return reject(new RuntimeError('rejected', `${program} is not installed`, error));
        const why = stderr.trim() || error.message;
        reject(new RuntimeError('temporary', `${[program, ...args].join(' ')}: ${why}`, error));
      },
    );
    // A program that ends before it has read its input says why on stderr; the broken pipe adds nothing.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input ?? '');
  });
}

/** As `run`, but answers undefined when the program fails: for questions, where failing is an answer. */
export async function ask(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return await run(program, args);
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
