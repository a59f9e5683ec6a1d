import { HttpServer } from '../gateway/http-server.ts';
import type { HttpRoutes } from '../gateway/http-server.ts';
import { plain } from '../gateway/http-server.ts';
import type { Log } from '../kernel/log.ts';
import type { MetadataEndpoints } from '../services/ec2/index.ts';
import type { AnswerInstance } from './instance-metadata.ts';

/** Of one instance at once: it must not take those of the others. */
const MOST_CONNECTIONS = 128;

interface Listener {
  readonly vpcId: string;
  readonly port: number;
  readonly server: HttpServer;
  /** The network leads its own interface there, and no other. */
  settled: boolean;
}

/**
 * One port of the host for each instance's interface: in a VPC all instances come from one address, so the port alone tells
 * who asks. A port that the last run of the server gave to another interface must not answer that one with secrets of
 * this: hence nothing is answered before the VPC's rules are those of this run.
 */
export class MetadataListeners implements MetadataEndpoints {
  readonly #listeners = new Map<string, Listener>();
  readonly #vpcOf: (address: string) => string | undefined;
  readonly #log: Log;
  #answer: AnswerInstance | undefined;

  /** @param vpcOf the VPC that a caller's address belongs to */
  constructor(vpcOf: (address: string) => string | undefined, log: Log) {
    this.#vpcOf = vpcOf;
    this.#log = log;
  }

  /** From here on there is somebody to answer. */
  serve(answer: AnswerInstance): void {
    this.#answer = answer;
  }

  async open(vpcId: string, interfaceIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const ports = new Map<string, number>();
    for (const id of interfaceIds) {
      const listener = this.#listeners.get(id) ?? (await this.#listen(vpcId, id));
      ports.set(id, listener.port);
    }
    return ports;
  }

  async settle(vpcId: string, interfaceIds: readonly string[]): Promise<void> {
    const named = new Set(interfaceIds);
    for (const [id, listener] of this.#listeners) {
      if (listener.vpcId !== vpcId) continue;
      if (named.has(id)) {
        listener.settled = true;
      } else {
        this.#listeners.delete(id);
        void listener.server.close();
      }
    }
  }

  async close(): Promise<void> {
    const servers = [...this.#listeners.values()].map((listener) => listener.server);
    this.#listeners.clear();
    await Promise.all(servers.map((server) => server.close()));
  }

  async #listen(vpcId: string, interfaceId: string): Promise<Listener> {
    const server = new HttpServer(
      () => this.#routes({ vpcId, interfaceId }),
      this.#log,
      (address) => this.#listeners.get(interfaceId)?.settled === true && this.#vpcOf(address) === vpcId,
      MOST_CONNECTIONS,
    );
    const port = await server.listen(0, '0.0.0.0');
    const listener = { vpcId, port, server, settled: false };
    this.#listeners.set(interfaceId, listener);
    return listener;
  }

  #routes(asker: { readonly vpcId: string; readonly interfaceId: string }): HttpRoutes {
    const answer = this.#answer;
    const unready = plain(503, 'Longshore is starting.\n');
    return {
      api: async () => unready,
      stream: () => answer && ((req, res) => answer(req, res, asker)),
      own: async () => unready,
    };
  }
}
