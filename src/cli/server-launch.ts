import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { CliError, Interrupted } from './cli-error.ts';
import { type Home, type ServerState, readState } from './home.ts';
import { healthOf } from './server-process.ts';

export const SERVER = join(import.meta.dirname, '../server/main.ts');
const READY_TIMEOUT_MS = 90_000;
const POLL_MS = 50;
const LOG_LINES_SHOWN = 20;
/** The server's own exit code for an option that it cannot take. */
const WRONG_USAGE = 2;

/** Options of the server's own command line, by name without dashes; those left out are its defaults. */
export type ServerFlags = Readonly<Record<string, string | undefined>>;

/** e.g. `{ 'http-port': '8080' }` -> `--home DIR --http-port 8080` */
export function serverArguments(home: Home, flags: ServerFlags): readonly string[] {
  const given = Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  return ['--home', home.path, ...given];
}

/**
 * Starts the server in a process group of its own, so that a Ctrl-C in the terminal reaches only us.
 * @param output `terminal` shows what it logs; `file` appends that to the home's server.log
 * @throws CliError when the data folder cannot be made
 */
export function launchServer(home: Home, flags: ServerFlags, output: 'terminal' | 'file'): ChildProcess {
  makeFolder(home);
  const log = output === 'file' ? openSync(home.logFile, 'a', 0o600) : undefined;
  const stream = log ?? 'inherit';
  const child = spawn(process.execPath, [SERVER, ...serverArguments(home, flags)], {
    detached: true,
    stdio: ['ignore', stream, stream],
  });
  if (log !== undefined) closeSync(log);
  return child;
}

function makeFolder(home: Home): void {
  try {
    mkdirSync(home.path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new CliError(`the data folder ${home.path} cannot be made: ${messageOf(error)}`, {
      hint: 'choose another: --home DIR',
      cause: error,
    });
  }
}

/**
 * Starts the server in the background and waits until it is ready; when that fails, it is stopped again.
 * @throws CliError with the end of its log
 */
export async function startServer(
  home: Home,
  flags: ServerFlags,
  clock: Clock,
  signal?: AbortSignal,
): Promise<{ readonly state: ServerState; readonly child: ChildProcess }> {
  const logStart = sizeOf(home.logFile);
  const child = launchServer(home, flags, 'file');
  try {
    return { state: await waitUntilReady(home, child, clock, signal), child };
  } catch (error) {
    await stopChild(child);
    const tail = logTail(home, logStart);
    if (!(error instanceof CliError) || error instanceof Interrupted || !tail) throw error;
    throw new CliError(`${error.message}; the end of its log:\n${tail}`, {
      exitCode: error.exitCode,
      ...(error.hint && { hint: error.hint }),
    });
  }
}

/** Waits until the server that was launched says that it is ready and answers. @throws CliError when it does not */
export async function waitUntilReady(
  home: Home,
  child: ChildProcess,
  clock: Clock,
  signal?: AbortSignal,
): Promise<ServerState> {
  const hint = 'longshore doctor tells what this machine lacks';
  const deadline = clock.now() + READY_TIMEOUT_MS;
  while (clock.now() < deadline) {
    if (signal?.aborted) throw new Interrupted();
    if (hasEnded(child)) {
      const how = child.signalCode ?? `code ${child.exitCode}`;
      // Wrong usage is no lack of the machine, and the server has said what is wrong.
      const options = child.exitCode === WRONG_USAGE ? { exitCode: WRONG_USAGE } : { hint };
      throw new CliError(`the server ended with ${how}`, options);
    }
    const state = readState(home);
    if (state && state.pid === child.pid && (await healthOf(state.endpoint))) return state;
    await sleep(clock, POLL_MS, signal);
  }
  throw new CliError(`the server was not ready within ${READY_TIMEOUT_MS / 1000} s`, { hint });
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last lines of server.log after its first `from` bytes, indented; empty when there are none. */
export function logTail(home: Home, from = 0): string {
  try {
    const lines = readFileSync(home.logFile).subarray(from).toString('utf8').trimEnd().split('\n');
    return lines
      .slice(-LOG_LINES_SHOWN)
      .map((line) => `    ${line}`)
      .join('\n');
  } catch {
    return '';
  }
}
