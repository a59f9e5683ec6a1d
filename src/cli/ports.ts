import { createServer } from 'node:net';

/** `free`, or why it cannot be listened on: `EADDRINUSE`, `EACCES`. */
export function probePort(port: number, address: string): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve('free')));
  });
}

/** The port itself when it is free, else one that the system picks. */
export async function portOrFree(port: number, address: string): Promise<number> {
  return (await probePort(port, address)) === 'free' ? port : freePort(address);
}

export function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: address }, () => {
      const bound = server.address();
      server.close(() =>
        typeof bound === 'object' && bound ? resolve(bound.port) : reject(new Error('the system gave no port')),
      );
    });
  });
}
