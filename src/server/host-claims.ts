import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeWhole } from './home.ts';
import { withLock } from './host-lock.ts';

/** Where servers of one host say what is whose; one file for each thing that is taken. */
export const CLAIMS = '/run/longshore';

export interface Claim {
  readonly home: string;
  readonly instanceId: string;
}

/** Runs alone among the servers of this host: what it reads of the claims stays true until it has written its own. */
export function withClaims<T>(folder: string, run: () => Promise<T>): Promise<T> {
  return withLock(lockName(folder), async () => {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    return run();
  });
}

/** Within `withClaims`: undefined for what nobody has, and for a claim that was cut short. */
export async function readClaim(path: string): Promise<Claim | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Within `withClaims`: whoever had it has it no more. */
export async function writeClaim(path: string, { home, instanceId }: Claim): Promise<void> {
  await writeWhole(path, JSON.stringify({ home, instanceId }));
}

/** Whether its home is still there, and has not become another server's. */
export async function hasHome({ home, instanceId }: Claim): Promise<boolean> {
  const instance = await readFile(join(home, 'instance'), 'utf8').catch(() => '');
  return instance.trim() === instanceId;
}

/** Gives all back that the server has. */
export function releaseClaims(instanceId: string, folder: string = CLAIMS): Promise<void> {
  return withLock(lockName(folder), async () => {
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      if ((await readClaim(path))?.instanceId === instanceId) await rm(path, { force: true });
    }
    // Only the last one out removes the folder.
    await rmdir(folder).catch(() => undefined);
  });
}

/** Of the path, as the folder comes and goes. */
function lockName(folder: string): string {
  return `\0longshore-claims-${createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 32)}`;
}
