import { readFileSync } from 'node:fs';
import { type Clock, sleep } from '../kernel/clock.ts';
import { CliError } from './cli-error.ts';
import { type Home, type ServerState, homeFlag, readState } from './home.ts';

const STOP_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** What `GET /_longshore/health` answers. */
export interface Health {
  readonly status: string;
  readonly version: string;
}

/** Answers undefined while nobody answers there. */
export async function healthOf(endpoint: string): Promise<Health | undefined> {
  try {
    const response = await fetch(`${endpoint}/_longshore/health`, { signal: AbortSignal.timeout(2000) });
    return response.ok ? ((await response.json()) as Health) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process is a server of ours: ids of processes are used again. A zombie is not running. */
export function isServerProcess(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('server/main.ts');
  } catch {
    return false;
  }
}

/** The state of the server of this home, when it runs. */
export function runningServer(home: Home): ServerState | undefined {
  const state = readState(home);
  return state && isServerProcess(state.pid) ? state : undefined;
}

/** @throws CliError when no server runs for this home */
export function requireServer(home: Home): ServerState {
  const state = runningServer(home);
  if (state) return state;
  throw new CliError(`no server runs for ${home.path}`, { hint: `start it: longshore up --detach${homeFlag(home)}` });
}

/** Asks the server to stop and waits until it is gone; its tasks and load balancers go on. */
export async function stopServer(home: Home, clock: Clock): Promise<'stopped' | 'not running'> {
  const state = runningServer(home);
  if (!state) return 'not running';
  process.kill(state.pid, 'SIGTERM');
  const deadline = clock.now() + STOP_TIMEOUT_MS;
  while (isServerProcess(state.pid)) {
    if (clock.now() > deadline) {
      throw new CliError(`the server (process ${state.pid}) did not stop within ${STOP_TIMEOUT_MS / 1000} s`, {
        hint: `look at ${home.logFile}; kill -9 ${state.pid} is safe: the next start goes on where it was`,
      });
    }
    await sleep(clock, POLL_MS);
  }
  return 'stopped';
}

/** Of the engine that the server has while it runs, or gets when it is started without an option; as the Docker client takes it. */
export function engineUrl(home: Home, env: NodeJS.ProcessEnv): string {
  const running = runningServer(home) && readText(home.engineFile)?.trim();
  const socket = running || (env['LONGSHORE_DOCKER'] ?? '/var/run/docker.sock');
  return `unix://${socket.replace(/^unix:\/\//, '')}`;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
