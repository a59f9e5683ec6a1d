import { writeFile } from 'node:fs/promises';
import { run } from '../test/harness/run.ts';

export interface WrkLoad {
  /** Its host is what TLS asks for. */
  readonly url: string;
  /** Where that host is, without asking anybody's DNS. */
  readonly address: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface WrkResult {
  readonly requestsPerSecond: number;
  /** In ms: all but one of a hundred requests were answered in less. */
  readonly p99Ms: number;
}

/** @throws Error where there is no wrk */
export async function requireWrk(): Promise<void> {
  const found = await run('sh', ['-c', 'command -v wrk']);
  if (found.code !== 0) throw new Error('There is no wrk, which makes the load: apt-get install wrk');
}

/**
 * Requests over connections that are kept, each asking again as soon as it is answered.
 * @param hostsPath a file that is written, and is what wrk alone sees as /etc/hosts
 * @throws Error when a request was not answered with success
 */
export async function wrk(load: WrkLoad, hostsPath: string): Promise<WrkResult> {
  await writeFile(hostsPath, `127.0.0.1 localhost\n${load.address} ${new URL(load.url).hostname}\n`);
  const threads = Math.min(2, load.connections);
  const args = ['--latency', `-t${threads}`, `-c${load.connections}`, `-d${load.seconds}s`, load.url];
  const inOwnHosts = 'mount --bind "$0" /etc/hosts && exec wrk "$@"';
  const { stdout, stderr, code } = await run('unshare', ['--mount', 'sh', '-c', inOwnHosts, hostsPath, ...args]);
  if (code !== 0 || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk ${args.join(' ')}: ${stdout}${stderr}`);
  const requestsPerSecond = Number(/^Requests\/sec: +([\d.]+)$/m.exec(stdout)?.[1]);
  const [, value, unit = ''] = /^ +99% +([\d.]+)(us|ms|s)$/m.exec(stdout) ?? [];
  const p99Ms = Number(value) * (MS[unit] ?? Number.NaN);
  if (!(requestsPerSecond > 0 && p99Ms > 0)) throw new Error(`wrk is not understood: ${stdout}`);
  return { requestsPerSecond, p99Ms };
}

const MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };
