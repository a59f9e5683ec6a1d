import { readFile } from 'node:fs/promises';
import { Longshore } from '../test/harness/longshore.ts';

/** Beside those of the default server and of the tests. */
const BLOCKS = ['--transit-cidr', '198.19.208.0/20', '--public-cidr', '198.18.208.0/20'];

export type LogLevel = 'info' | 'debug';

/** The options that every server of a bench has beside its home and ports. `info` is what users run. */
export function serverOptions(level: LogLevel = 'info'): string[] {
  return ['--log-level', level, ...BLOCKS];
}

/** A server of the bench's own; `cleanup` takes it off the machine. */
export async function startServer(cleanup: AsyncDisposableStack, level: LogLevel = 'info'): Promise<Longshore> {
  const server = await Longshore.start({ args: serverOptions(level) });
  cleanup.defer(() => server.remove());
  return server;
}

/** Resident memory of a process, in MB of 10^6 bytes. */
export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`Process ${pid} does not say how much memory it has.`);
  return (Number(kib) * 1024) / 1_000_000;
}
