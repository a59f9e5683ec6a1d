import { spawn } from 'node:child_process';
import { CliError } from './cli-error.ts';
import type { Home } from './home.ts';
import { SERVER, serverArguments } from './server-launch.ts';

/**
 * Removes every container, namespace, process and file of the (stopped) server of this home.
 * @param show gets each line that it prints
 * @param docker the engine's socket; left out, that of the server's last start
 */
export async function resetHome(home: Home, show: (line: string) => void, docker?: string): Promise<void> {
  const args = [SERVER, 'reset', ...serverArguments(home, { docker })];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      for (const line of chunk.split('\n')) if (line.trim()) show(line.trim());
    });
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('close', (ended) => resolve(ended ?? 1));
  });
  if (code !== 0) throw new CliError(`the reset of ${home.path} ended with code ${code}:\n${output.trimEnd()}`);
}
