import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from '../kernel/errors.ts';
import { writeWhole } from './home.ts';

/** Says of whose engine the server's containers are, for a reset when it no longer runs. */
export async function keepEngine(home: string, socketPath: string): Promise<void> {
  await writeWhole(join(home, 'docker-socket'), `${socketPath}\n`);
}

/** The same environment, in which the engine is the one of the last start where nothing else is said. */
export async function withKeptEngine(home: string, env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const kept = await readFile(join(home, 'docker-socket'), 'utf8').catch(absent);
  return kept === undefined ? env : { LONGSHORE_DOCKER: kept.trim(), ...env };
}
