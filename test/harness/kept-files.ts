import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { absent } from '../../src/kernel/errors.ts';

export interface KeptFile {
  /** Relative to the folder. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** All files below a folder that a server writes to. What goes meanwhile, as its journals do, is left out. */
export async function keptFiles(folder: string): Promise<readonly KeptFile[]> {
  const paths = await pathsBelow(folder);
  const files = await Promise.all(
    paths.map(async (path) => {
      const bytes = await readFile(path).catch(absent);
      return bytes ? [{ path: relative(folder, path), bytes }] : [];
    }),
  );
  return files.flat();
}

async function pathsBelow(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(absent)) ?? [];
  const found = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pathsBelow(path);
    return entry.isFile() ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}
