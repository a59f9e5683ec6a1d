import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { AgentChannel } from './agent-channel.ts';
import type { ChannelSocket, Program } from './program.ts';

/** A client that does not come (back) within this time has gone for good. */
const ABSENT_MS = 5 * 60_000;
/** ECS Exec's: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html */
const IDLE_MS = 20 * 60_000;
const TOKEN_BYTES = 48;

export interface OpenedSession {
  readonly sessionId: string;
  /** Lets one client connect, once or again, until `resume` gives another. */
  readonly token: string;
}

export interface NewSession {
  /** In front of the session's id, e.g. `ecs-execute-command`. */
  readonly prefix: string;
  /** Who opened it: only they may resume or terminate it. */
  readonly owner: string;
  readonly start: (sessionId: string) => Promise<Program>;
}

export interface SessionsOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

interface Entry {
  readonly channel: AgentChannel;
  readonly owner: string;
  tokenHash: Buffer;
  cancelTimer: () => void;
}

/** A connected client: give it every frame. */
export interface Connection {
  receive(bytes: Buffer): void;
  disconnected(): void;
}

/** The sessions of this process. They end with it, as they end with the agent on AWS. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  open({ prefix, owner, start }: NewSession): OpenedSession {
    const { ids, clock, log } = this.#options;
    const sessionId = `${prefix}-${ids.hex(26)}`;
    const onEnded = () => this.#forget(sessionId);
    const begin = () => start(sessionId);
    const channel = new AgentChannel({ sessionId, start: begin, clock, ids, log, onEnded });
    const token = this.#newToken();
    const entry: Entry = { channel, owner, tokenHash: hashOf(token), cancelTimer: () => {} };
    this.#entries.set(sessionId, entry);
    this.#endAfter(entry, ABSENT_MS, 'nobody connected in time');
    return { sessionId, token };
  }

  /** Undefined for a session that is not there or a token that is not its own. */
  connect(sessionId: string, token: string, socket: ChannelSocket): Connection | undefined {
    const entry = this.#entries.get(sessionId);
    if (!entry || !timingSafeEqual(entry.tokenHash, hashOf(token))) return undefined;
    const touch = () => this.#endAfter(entry, IDLE_MS, 'it was idle for too long');
    touch();
    entry.channel.attach(socket);
    return {
      receive(bytes) {
        touch();
        entry.channel.receive(bytes);
      },
      disconnected: () => {
        if (entry.channel.detach(socket)) this.#endAfter(entry, ABSENT_MS, 'its client did not come back');
      },
    };
  }

  /** Another token, for a client whose connection broke; undefined where the session is over, or somebody else's. */
  resume(sessionId: string, owner: string): string | undefined {
    const entry = this.#entries.get(sessionId);
    if (entry?.owner !== owner) return undefined;
    const token = this.#newToken();
    entry.tokenHash = hashOf(token);
    return token;
  }

  /** Over already, or somebody else's: answers false. */
  terminate(sessionId: string, owner: string): boolean {
    const entry = this.#entries.get(sessionId);
    if (entry?.owner !== owner) return false;
    entry.channel.terminate();
    return true;
  }

  close(): void {
    for (const { channel } of this.#entries.values()) channel.terminate('the server is stopping');
  }

  #newToken(): string {
    return this.#options.ids.bytes(TOKEN_BYTES).toString('base64url');
  }

  #endAfter(entry: Entry, delayMs: number, why: string): void {
    entry.cancelTimer();
    if (entry.channel.isEnded) return;
    entry.cancelTimer = this.#options.clock.after(delayMs, () => entry.channel.terminate(why));
  }

  #forget(sessionId: string): void {
    this.#entries.get(sessionId)?.cancelTimer();
    this.#entries.delete(sessionId);
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
