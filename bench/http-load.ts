import type { Socket } from 'node:net';

export interface Load {
  readonly connect: () => Socket;
  /** One whole request, as bytes: sent again and again, one at a time on each connection. */
  readonly request: Buffer;
  readonly connections: number;
  readonly forMs: number;
}

/**
 * Requests a second over connections that are kept. A client this small costs less than node:http's, so that the server
 * is what is measured; it understands answers with a Content-Length and status 200 only.
 */
export async function requestsPerSecond({ connect, request, connections, forMs }: Load): Promise<number> {
  const clients = await Promise.all(Array.from({ length: connections }, () => open(connect)));
  try {
    const beganAt = performance.now();
    const until = beganAt + forMs;
    const counts = await Promise.all(clients.map((client) => repeat(client, request, until)));
    const seconds = (performance.now() - beganAt) / 1000;
    return counts.reduce((sum, count) => sum + count, 0) / seconds;
  } finally {
    for (const client of clients) client.destroy();
  }
}

function open(connect: () => Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect();
    socket.setNoDelay(true);
    socket.once('error', reject);
    // A TLS socket is ready later than its connection.
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** Answers how many requests were answered. */
function repeat(socket: Socket, request: Buffer, until: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let received = '';
    let count = 0;
    const fail = (error: Error) => reject(error);
    socket.once('error', fail);
    socket.once('close', () => reject(new Error('The server closed a connection.')));
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      const length = answerLength(received);
      if (length === undefined || received.length < length) return;
      if (!received.startsWith('HTTP/1.1 200')) return reject(new Error(`Not an answer of 200: ${received}`));
      received = received.slice(length);
      count += 1;
      if (performance.now() < until) socket.write(request);
      else resolve(count);
    });
    socket.write(request);
  });
}

/** In characters of latin1, so in bytes; undefined while the head is not whole. */
function answerLength(text: string): number | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnd))?.[1];
  if (length === undefined) throw new Error(`An answer without Content-Length: ${text.slice(0, headEnd)}`);
  return headEnd + 4 + Number(length);
}
