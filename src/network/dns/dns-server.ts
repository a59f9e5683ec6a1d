import { createSocket } from 'node:dgram';
import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIPv6 } from 'node:net';
import type { Server, Socket } from 'node:net';
import { systemClock } from '../../kernel/clock.ts';
import type { Clock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { Forwarder } from './forwarder.ts';
import { Unframer, frame } from './framing.ts';
import type { NameTable } from './name-table.ts';
import { Responder } from './responder.ts';

export interface DnsServerOptions {
  readonly names: NameTable;
  /** Addresses of the resolvers to ask for other names, with `:port` where it is not 53; asked in order. */
  readonly upstreams: () => readonly string[];
  readonly log: Log;
  /** The VPC behind a source address. Sources without one, other than loopback, are refused. */
  readonly vpcOf: (sourceAddress: string) => string | undefined;
  readonly clock?: Clock;
  /** How long each upstream may take; 2 s when left out. */
  readonly upstreamTimeoutMs?: number;
}

export interface DnsEndpoint {
  readonly address: string;
  /** 0: any free one, the same for UDP and TCP. */
  readonly port: number;
}

const UPSTREAM_TIMEOUT_MS = 2000;
const TCP_IDLE_MS = 10_000;
const MAX_TCP_CLIENTS = 256;
const PORT_ATTEMPTS = 5;

/** The VPCs' resolver: answers UDP and TCP from the name table, and asks upstream for what is not in it. */
export class DnsServer {
  readonly #log: Log;
  readonly #forwarder: Forwarder;
  readonly #responder: Responder;
  readonly #udp: UdpSocket[] = [];
  readonly #tcp: Server[] = [];
  readonly #clients = new Set<Socket>();

  constructor(options: DnsServerOptions) {
    this.#log = options.log;
    this.#forwarder = new Forwarder({
      upstreams: options.upstreams,
      clock: options.clock ?? systemClock,
      log: options.log,
      timeoutMs: options.upstreamTimeoutMs ?? UPSTREAM_TIMEOUT_MS,
    });
    this.#responder = new Responder({ names: options.names, vpcOf: options.vpcOf, forwarder: this.#forwarder });
  }

  /** May be called for several addresses. Answers where it listens. */
  async listen(endpoint: DnsEndpoint): Promise<DnsEndpoint> {
    for (let attempt = 1; ; attempt += 1) {
      const udp = createSocket(isIPv6(endpoint.address) ? 'udp6' : 'udp4');
      udp.bind(endpoint.port, endpoint.address);
      await once(udp, 'listening');
      const { address, port } = udp.address();
      const tcp = createServer({ allowHalfOpen: true }, (socket) => void this.#serveTcp(socket));
      tcp.maxConnections = MAX_TCP_CLIENTS;
      try {
        tcp.listen(port, address);
        await once(tcp, 'listening');
      } catch (error) {
        udp.close();
        // A free UDP port need not be free for TCP.
        if (endpoint.port === 0 && attempt < PORT_ATTEMPTS) continue;
        throw error;
      }
      this.#serveUdp(udp);
      this.#udp.push(udp);
      this.#tcp.push(tcp);
      return { address, port };
    }
  }

  async close(): Promise<void> {
    this.#forwarder.close();
    const closing = [...this.#udp.splice(0), ...this.#tcp.splice(0)].map((one) => {
      const closed = once(one, 'close');
      one.close();
      return closed;
    });
    for (const client of this.#clients) client.destroy();
    await Promise.all(closing);
  }

  #serveUdp(udp: UdpSocket): void {
    udp.on('error', (error) => this.#log.warn('the DNS socket failed', { error: messageOf(error) }));
    udp.on('message', (message, client) => void this.#answerUdp(udp, message, client.address, client.port));
  }

  async #answerUdp(udp: UdpSocket, message: Buffer, address: string, port: number): Promise<void> {
    try {
      const answer = await this.#responder.respond(message, address, 'udp');
      // The client may be gone by now, and so may the socket.
      if (answer && this.#udp.includes(udp)) udp.send(answer, port, address, () => {});
    } catch (error) {
      this.#log.error('a DNS query failed', { error });
    }
  }

  async #serveTcp(socket: Socket): Promise<void> {
    const source = socket.remoteAddress ?? '';
    const unframer = new Unframer();
    this.#clients.add(socket);
    socket.on('close', () => this.#clients.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(TCP_IDLE_MS, () => socket.destroy());
    try {
      for await (const chunk of socket) {
        for (const message of unframer.push(chunk)) {
          const answer = await this.#responder.respond(message, source, 'tcp');
          if (answer && !socket.destroyed) socket.write(frame(answer));
        }
      }
    } catch (error) {
      if (!socket.destroyed) this.#log.error('a DNS query failed', { error });
    } finally {
      socket.end();
    }
  }
}
