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

export async function readServedTable(folder: string): Promise<RouteTable | undefined> {
  const text = await readText(folder);
  return text === undefined ? undefined : (JSON.parse(text) as RouteTable);
}

async function readText(folder: string): Promise<string | undefined> {
  return readFile(pathIn(folder), 'utf8').catch(() => undefined);
}

function pathIn(folder: string): string {
  return join(folder, 'served.json');
}
