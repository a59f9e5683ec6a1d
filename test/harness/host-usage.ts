import { readFileSync, readdirSync } from 'node:fs';
import { run } from './run.ts';
import type { TaskLab } from './task-lab.ts';

/** What a server and its engine take of a host beside what tasks hold: after as many tasks as one likes, the same. */
export interface HostUsage {
  /** Names of images from the server's registry. */
  readonly images: number;
  /** Lines of nft and iptables that carry the server's instance. */
  readonly rules: number;
  /** Links on the host, and network namespaces, of the server. */
  readonly hostLinks: number;
  /** Open files of the server. */
  readonly files: number;
  /** Processes that the server has started and that have not gone. */
  readonly children: number;
  readonly residentMib: number;
}

export async function usageOf(lab: TaskLab, instance: string): Promise<HostUsage> {
  const counted = async (word: string, program: string, args: readonly string[]) =>
    (await run(program, args)).stdout.split('\n').filter((line) => line.includes(word)).length;
  const [images, nft, iptables, links] = await Promise.all([
    counted(`127.0.0.1:${lab.server.port}/`, 'docker', ['image', 'ls', '--digests']),
    counted(instance, 'nft', ['list', 'ruleset']),
    counted(instance, 'iptables-save', []),
    counted(instance, 'ip', ['-o', 'link']),
  ]);
  const { pid } = lab.server;
  return {
    images,
    rules: nft + iptables,
    hostLinks: links,
    files: readdirSync(`/proc/${pid}/fd`).length,
    children: readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).length,
    residentMib: residentMib(pid),
  };
}

function residentMib(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / 1024);
}
