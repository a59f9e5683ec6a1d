import { rename, writeFile } from 'node:fs/promises';

/** Writes beside and renames, so that no reader sees half of it. */
export async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  await writeFile(`${path}.part`, text, { mode });
  await rename(`${path}.part`, path);
}
