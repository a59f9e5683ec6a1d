import { readFileSync } from 'node:fs';

/**
 * SIGHUP to a process of a container, as the kernel sends it when a terminal goes; the kernel passes it on to the
 * foreground job once the leader of the session ends. A process that is not the container's (any more) is let be.
 */
export function hangUp(pid: number, containerId: string): void {
  try {
    if (pid > 1 && readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(containerId)) process.kill(pid, 'SIGHUP');
  } catch {
    // Ended meanwhile.
  }
}
