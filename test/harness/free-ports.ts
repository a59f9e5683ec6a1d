import { createServer } from 'node:net';
import { takeMark } from './mark.ts';

/** Below the range from which the kernel takes source ports: a server that starts again finds its own free. */
const FIRST = 20_000;
const COUNT = 10_000;

/** Ports of 127.0.0.1 that nothing listens on, and that no other test gets as long as this process lives. */
export async function freePorts(count: number): Promise<number[]> {
  const start = process.pid * 7;
  const ports: number[] = [];
  for (let n = 0; n < COUNT && ports.length < count; n++) {
    const port = FIRST + ((start + n) % COUNT);
    const mark = await takeMark(`longshore-test-port-${port}`);
    if (!mark) continue;
    if (await isFree(port)) ports.push(port);
    else mark.close();
  }
  if (ports.length < count) throw new Error(`There are no ${count} free ports from ${FIRST} on.`);
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
