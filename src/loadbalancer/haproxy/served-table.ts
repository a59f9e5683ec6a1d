import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RouteTable } from '../load-balancer.ts';
import { writeWhole } from './whole-file.ts';

/**
 * The last table that a VPC's HAProxy took, in its folder: where it refuses the next one, a server that was started
 * meanwhile goes on from there. Private keys are in it.
 */
export async function writeServedTable(folder: string, table: RouteTable): Promise<void> {
  const text = JSON.stringify(table);
  if (text !== (await readText(folder))) await writeWhole(pathIn(folder), text, 0o600);
}

/** Undefined where nothing tells: a power cut may have left an empty file. */
export async function readServedTable(folder: string): Promise<RouteTable | undefined> {
  try {
    return JSON.parse((await readText(folder)) ?? '') as RouteTable;
  } catch {
    return undefined;
  }
}

async function readText(folder: string): Promise<string | undefined> {
  return readFile(pathIn(folder), 'utf8').catch(() => undefined);
}

function pathIn(folder: string): string {
  return join(folder, 'served.json');
}
