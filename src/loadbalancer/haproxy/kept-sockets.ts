import { link, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { absent } from '../../kernel/errors.ts';
import type { Rendered } from './rendered.ts';

/**
 * Where a listener's socket is found too while HAProxy is reloaded. A worker that is too busy to hand its sockets over
 * lets the next one make its own, which stand at their paths some time before anybody listens on them.
 */
export function keptSocketPath(socketPath: string): string {
  return socketPath.replace(/\.sock$/, '.before');
}

/** Before a reload. A listener that is new has no socket yet. */
export async function keepSockets({ sockets }: Pick<Rendered, 'sockets'>): Promise<void> {
  for (const path of sockets) {
    await rm(keptSocketPath(path), { force: true });
    await link(path, keptSocketPath(path)).catch(absent);
  }
}

/** True for the name of a file that was some listener's socket, and is none's after the reload. */
export function isFormerSocket(name: string, { sockets }: Pick<Rendered, 'sockets'>): boolean {
  if (name.endsWith('.before')) return true;
  return name.endsWith('.sock') && name !== 'stats.sock' && !sockets.some((path) => basename(path) === name);
}
