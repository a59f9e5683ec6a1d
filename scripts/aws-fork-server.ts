import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PYTHON = '/usr/bin/python3';
const SERVER = join(import.meta.dirname, '../test/harness/aws-fork-server.py');

/**
 * Starts the process that runs the tests' calls of Debian's aws CLI, and names its socket in the environment. Where there
 * is none, each call starts the CLI anew.
 * @returns what ends it
 */
export async function startAwsForkServer(): Promise<() => void> {
  if (!existsSync('/usr/bin/aws')) return () => {};
  const socket = join(tmpdir(), `aws-fork-${process.pid}.sock`);
  const child = spawn(PYTHON, [SERVER, socket], { stdio: ['pipe', 'pipe', 'inherit'] });
  // It ends with its standard input, so with this process too.
  const stop = () => {
    child.stdin.end();
    rmSync(socket, { force: true });
    delete process.env['AWS_FORK_SOCKET'];
  };
  const isReady = await new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', () => resolve(false));
    child.stdout.once('data', () => resolve(true));
  });
  if (isReady) {
    process.env['AWS_FORK_SOCKET'] = socket;
    process.env['AWS_FORK_HOME'] = process.env['HOME'] ?? '';
  }
  return stop;
}
