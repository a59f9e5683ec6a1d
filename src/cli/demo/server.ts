import type { ChildProcess } from 'node:child_process';
import { systemClock } from '../../kernel/clock.ts';
import { CliError } from '../cli-error.ts';
import { SCALING_FLAGS } from './capacity.ts';
import type { DemoOptions } from './options.ts';
import type { Home, ServerState } from '../home.ts';
import { portOrFree, probePort } from '../ports.ts';
import { startServer } from '../server-launch.ts';
import { healthOf, runningServer } from '../server-process.ts';

const ENDPOINT_PORT = 4566;
const ENDPOINT_ADDRESS = '127.0.0.1';

export interface DemoServer {
  readonly state: ServerState;
  /** Started by this demo, so stopped by it. */
  readonly isOurs: boolean;
  readonly child?: ChildProcess;
}

/** The server of this home: the one that runs, or a new one on ports that are free. */
export async function openServer(home: Home, options: DemoOptions, signal: AbortSignal): Promise<DemoServer> {
  const running = runningServer(home);
  if (running && (await healthOf(running.endpoint))) return { state: running, isOurs: false };
  const flags = {
    port: await endpointPort(options.port),
    'http-port': options.httpPort,
    'https-port': options.httpsPort,
    ...SCALING_FLAGS,
  };
  return { ...(await startServer(home, flags, systemClock, signal)), isOurs: true };
}

async function endpointPort(asked: string | undefined): Promise<string> {
  if (asked === undefined) return String(await portOrFree(ENDPOINT_PORT, ENDPOINT_ADDRESS));
  const state = await probePort(Number(asked), ENDPOINT_ADDRESS);
  if (state === 'free') return asked;
  throw new CliError(`port ${asked} cannot be listened on (${state})`, { hint: 'choose another with --port' });
}
