import type { Server, Socket } from 'node:net';
import { messageOf } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { listenInside } from './registry-door.ts';

export interface InstanceRegistry {
  /** As images name it: `127.0.0.1:4566` or `localhost:4566`. On another address instances reach it over their network. */
  readonly host: string;
  /** Takes a connection of an instance's: HTTP, for `/v2/...` and the URLs of layers. */
  readonly accept: (socket: Socket) => void;
}

/** The registry's listeners, one inside each running instance. They are this process's: a restarted server opens them again. */
export class RegistryDoors {
  readonly #registry: InstanceRegistry;
  readonly #log: Log;
  /** By instance; one for each boot, since each has a namespace of its own. */
  readonly #doors = new Map<string, { readonly pid: number; readonly listener: Promise<Server | undefined> }>();

  constructor(registry: InstanceRegistry, log: Log) {
    this.#registry = registry;
    this.#log = log;
  }

  /** Settles once it is open, or has failed; then the next call tries again. */
  async ensure(instanceId: string, pid: number): Promise<void> {
    const known = this.#doors.get(instanceId);
    if (known?.pid === pid) {
      await known.listener;
      return;
    }
    this.shut(instanceId);
    const match = /^(localhost|127(?:\.\d+){3}):(\d+)$/.exec(this.#registry.host);
    if (!match) return;
    const address = match[1] === 'localhost' ? '127.0.0.1' : (match[1] ?? '');
    const listener = listenInside(pid, address, Number(match[2]), this.#registry.accept).catch((error: unknown) => {
      this.#log.warn('an instance cannot reach the registry', { instance: instanceId, error: messageOf(error) });
      if (this.#doors.get(instanceId)?.pid === pid) this.#doors.delete(instanceId);
      return undefined;
    });
    this.#doors.set(instanceId, { pid, listener });
    await listener;
  }

  shut(instanceId: string): void {
    const door = this.#doors.get(instanceId);
    this.#doors.delete(instanceId);
    void door?.listener.then((server) => server?.close());
  }

  close(): void {
    for (const instanceId of this.#doors.keys()) this.shut(instanceId);
  }
}
