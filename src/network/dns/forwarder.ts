import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { Clock } from '../../kernel/clock.ts';
import { RuntimeError, messageOf } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { Unframer, frame } from './framing.ts';
import { isAnswerTo } from './message.ts';
import { parseUpstream } from './upstreams.ts';
import type { Upstream } from './upstreams.ts';

export interface ForwarderOptions {
  readonly upstreams: () => readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** For each upstream. */
  readonly timeoutMs: number;
}

type Transport = 'udp' | 'tcp';

const MAX_PENDING = 1000;

/** Asks the resolvers above ours, one after another, with the client's own message. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #cancels = new Set<() => void>();
  #pending = 0;
  /** Where no upstream answers: TCP may be blocked while UDP is not. */
  readonly #failing = new Set<Transport>();

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /** The first answer; undefined when no upstream gives one. */
  async ask(query: Buffer, transport: Transport): Promise<Buffer | undefined> {
    if (this.#pending >= MAX_PENDING) return undefined;
    this.#pending += 1;
    try {
      return await this.#askEach(query, transport);
    } finally {
      this.#pending -= 1;
    }
  }

  /** Gives up on all that is under way. */
  close(): void {
    [...this.#cancels].forEach((cancel) => cancel());
  }

  async #askEach(query: Buffer, transport: Transport): Promise<Buffer | undefined> {
    let why = 'there is none';
    for (const text of this.#options.upstreams()) {
      const upstream = parseUpstream(text);
      if (!upstream) continue;
      try {
        const answer = await this.#exchange(query, upstream, transport);
        if (this.#failing.delete(transport)) {
          this.#options.log.info('an upstream resolver answers again', { upstream: text, transport });
        }
        return answer;
      } catch (error) {
        why = messageOf(error);
      }
    }
    // Once, not for each question: tasks ask all the time.
    if (!this.#failing.has(transport)) this.#options.log.warn('no upstream resolver answers', { why, transport });
    this.#failing.add(transport);
    return undefined;
  }

  #exchange(query: Buffer, upstream: Upstream, transport: Transport): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: Buffer | Error) => {
        cancelTimer();
        close();
        this.#cancels.delete(cancel);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      const failed = (why: string) => settle(new RuntimeError('temporary', `${upstream.address}: ${why}`));
      const cancel = () => failed('the server stops');
      const cancelTimer = this.#options.clock.after(this.#options.timeoutMs, () => failed('no answer in time'));
      const close = (transport === 'udp' ? exchangeUdp : exchangeTcp)(query, upstream, settle);
      this.#cancels.add(cancel);
    });
  }
}

type Exchange = (query: Buffer, upstream: Upstream, settle: (outcome: Buffer | Error) => void) => () => void;

/** A socket for each question: its random port, and being connected, keep forged answers out. */
const exchangeUdp: Exchange = (query, upstream, settle) => {
  const socket = createSocket(isIPv6(upstream.address) ? 'udp6' : 'udp4');
  socket.on('error', settle);
  socket.on('message', (answer) => {
    if (isAnswerTo(query, answer)) settle(answer);
  });
  socket.connect(upstream.port, upstream.address, () => socket.send(query));
  let open = true;
  return () => {
    if (open) socket.close();
    open = false;
  };
};

const exchangeTcp: Exchange = (query, upstream, settle) => {
  const socket = connect(upstream.port, upstream.address, () => socket.write(frame(query)));
  const unframer = new Unframer();
  socket.on('error', settle);
  socket.on('close', () => settle(new RuntimeError('temporary', `${upstream.address}: closed without an answer`)));
  socket.on('data', (chunk) => {
    const answer = unframer.push(chunk).find((message) => isAnswerTo(query, message));
    if (answer) settle(answer);
  });
  return () => socket.destroy();
};
