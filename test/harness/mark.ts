import { createServer } from 'node:net';
import type { Server } from 'node:net';

/**
 * Takes a name that one process of this host can hold, or answers undefined. It is an abstract socket: the kernel takes it
 * back, however this process ends.
 */
export function takeMark(name: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const mark = createServer();
    mark.once('error', () => resolve(undefined));
    mark.listen(`\0${name}`, () => resolve(mark));
    mark.unref();
  });
}
