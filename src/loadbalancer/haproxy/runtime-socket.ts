import { connect } from 'node:net';
import { RuntimeError } from '../../kernel/errors.ts';

const ANSWER_WITHIN_MS = 5000;

/**
 * Sends one command to HAProxy's stats socket and answers all it says.
 * @throws RuntimeError gone when nobody listens there, temporary when no answer comes
 */
export function ask(socketPath: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(socketPath);
    socket.setEncoding('utf8');
    socket.setTimeout(ANSWER_WITHIN_MS, () => {
      socket.destroy();
      reject(new RuntimeError('temporary', `HAProxy did not answer "${command}" in time`));
    });
    socket.on('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      const gone = code === 'ENOENT' || code === 'ECONNREFUSED';
      reject(new RuntimeError(gone ? 'gone' : 'temporary', `HAProxy's socket ${socketPath}: ${error.message}`, error));
    });
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.on('end', () => resolve(answer));
    socket.end(`${command}\n`);
  });
}

/** The `description` of the configuration that serves now; undefined when no HAProxy listens. */
export async function runningDescription(socketPath: string): Promise<string | undefined> {
  try {
    const info = await ask(socketPath, 'show info');
    return /^description: (.*)$/im.exec(info)?.[1];
  } catch {
    return undefined;
  }
}
