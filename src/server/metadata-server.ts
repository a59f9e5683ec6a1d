import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What tasks reach at 169.254.170.2. The task metadata and credentials endpoints are not built yet, and say so; callers
 * other than tasks are not answered at all.
 */
export class MetadataServer {
  readonly #server: Server;

  constructor(isTask: (sourceAddress: string) => boolean) {
    this.#server = createServer((req, res) => {
      if (!isTask((req.socket.remoteAddress ?? '').replace(/^::ffff:/, ''))) {
        req.socket.destroy();
        return;
      }
      res.writeHead(501, { 'Content-Type': 'application/json' });
      res.end('{"code":"NotSupported","message":"Longshore does not support the task metadata endpoint yet."}\n');
    });
  }

  /** Answers the port: the wanted one, or another when that is taken. */
  async listen(wanted: number): Promise<number> {
    const listen = (port: number) =>
      new Promise<number>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen(port, '0.0.0.0', () => {
          this.#server.removeListener('error', reject);
          resolve((this.#server.address() as AddressInfo).port);
        });
      });
    return listen(wanted).catch(() => listen(0));
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}
