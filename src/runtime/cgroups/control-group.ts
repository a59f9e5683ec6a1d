import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../kernel/errors.ts';
import type { LimitFile } from './limit-files.ts';

/*
 * Files of control groups are the kernel's memory: each call is over in microseconds. That they are made at once keeps
 * a group whole: nothing of this process comes between the folder of an instance and that of a task.
 */

/** Writes in this order, or in the other where the kernel refuses this one. */
export function writeLimits(folder: string, files: readonly LimitFile[]): void {
  const present = files.filter(({ name, optional }) => !optional || existsSync(join(folder, name)));
  try {
    for (const { name, value } of present) writeFileSync(join(folder, name), value, { flag: 'r+' });
  } catch (error) {
    if (systemCode(error) !== 'EINVAL' && systemCode(error) !== 'EBUSY') throw error;
    for (const { name, value } of present.toReversed()) writeFileSync(join(folder, name), value, { flag: 'r+' });
  }
}

/** Version 2: the groups below `folder` get the controllers. */
export function delegate(folder: string, controllers: readonly string[]): void {
  const file = join(folder, 'cgroup.subtree_control');
  const present = new Set(readFileSync(file, 'utf8').trim().split(/\s+/));
  const missing = controllers.filter((name) => !present.has(name));
  if (missing.length > 0) writeFileSync(file, missing.map((name) => `+${name}`).join(' '), { flag: 'r+' });
}

export function makeGroup(folder: string): void {
  mkdirSync(folder, { recursive: true });
}

/** With the empty groups below it, which an engine that was killed has left. False while a process is in one of them. */
export function removeGroup(folder: string): boolean {
  try {
    for (const name of foldersIn(folder)) if (!removeGroup(join(folder, name))) return false;
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return true;
    if (systemCode(error) === 'EBUSY' || systemCode(error) === 'ENOTEMPTY') return false;
    throw error;
  }
}

/** Without what is in it: refused, which is well, while it is not empty. */
export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOENT', 'EBUSY', 'ENOTEMPTY'].includes(systemCode(error) ?? '')) throw error;
  }
}

export function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
