import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/*
 * Locks of this host are abstract sockets: only one process can listen on a name, and the kernel takes it back however that
 * one ends. A name begins with a zero byte and may have 107 bytes.
 */

/** Takes the name until the answer is closed; undefined while another has it. */
export function takeName(
  name: string,
  onConnection: (connection: Socket) => void = (connection) => connection.destroy(),
): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createServer(onConnection);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    socket.listen(name, () => resolve(socket));
    socket.unref();
  });
}

/** Whether a process has the name. */
export function isNameTaken(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect({ path: name });
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}

/** Runs while nobody else of this host runs under the name; waits for its turn. */
export async function withLock<T>(name: string, run: () => Promise<T>): Promise<T> {
  const waiting = new Set<Socket>();
  const onConnection = (connection: Socket) => {
    connection.on('error', () => undefined);
    waiting.add(connection);
  };
  let lock = await takeName(name, onConnection);
  while (!lock) {
    await released(name);
    lock = await takeName(name, onConnection);
  }
  try {
    return await run();
  } finally {
    const closed = new Promise((resolve) => lock.close(resolve));
    // They try again: by now nobody listens.
    for (const connection of waiting) connection.destroy();
    await closed;
  }
}

/** A connection to who has the name lasts until it is given back. */
function released(name: string): Promise<void> {
  return new Promise((resolve) => {
    const connection = connect({ path: name });
    connection.on('error', () => undefined).once('close', () => resolve());
    connection.resume();
  });
}
