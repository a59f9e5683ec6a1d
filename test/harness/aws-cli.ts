import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The program itself. */
export const AWS_PROGRAM = '/usr/bin/aws';

/**
 * The aws CLI, version 2: Debian's, whatever else comes first on the PATH. Where scripts/run-tests.ts has started a process
 * that imported it once (AWS_FORK_SOCKET), that one runs the calls: two thirds of a call are the imports.
 */
export const AWS_CLI = existsSync(AWS_PROGRAM) ? program() : 'aws';

function program(): string {
  return process.env['AWS_FORK_SOCKET'] === undefined ? AWS_PROGRAM : join(import.meta.dirname, 'aws-fork-client.py');
}
