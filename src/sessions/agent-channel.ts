import type { Clock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { decodeMessage, encodeMessage, PAYLOAD, SYN, TERMINATE_SESSION } from './message.ts';
import type { ChannelMessage, MessageType } from './message.ts';
import type { ChannelSocket, Program } from './program.ts';

/** As AWS's agent cuts its output. */
const CHUNK_BYTES = 1024;
/** Frames that a client has not acknowledged: beyond, the program's output waits. A client buffers 10,000. */
const WINDOW = 1000;
/** Frames that wait, for their turn or for the program: how far ahead one may come. As many as a client buffers. */
const MAX_AHEAD = 10_000;
/** The bytes in them. */
const MAX_EARLY_BYTES = 16 * 1024 * 1024;
const AGENT_VERSION = '3.3.1611.0';

export interface AgentChannelOptions {
  readonly sessionId: string;
  /** Begun once the client has shaken hands. */
  readonly start: () => Promise<Program>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** The program has ended, or the session was terminated. */
  readonly onEnded: () => void;
}

interface Sent {
  readonly sequence: number;
  readonly bytes: Buffer;
}

/**
 * The agent's end of one session: hands are shaken, then output goes out and input comes in, each frame numbered and
 * acknowledged. What a client has not acknowledged is sent again when it comes back on another connection.
 *
 *   client                                agent
 *     │◄── handshake request ──────────────│
 *     │─── handshake response ────────────►│  the program starts
 *     │◄── handshake complete ─────────────│
 *     │◄── output ─── ack ────────────────►│
 *     │─── input, size, terminate ── ack ─►│
 *     │◄── channel closed ─────────────────│
 */
export class AgentChannel {
  readonly #options: AgentChannelOptions;
  #socket: ChannelSocket | undefined;
  #program: Program | undefined;
  /** What was typed before the program ran. */
  #typed: Buffer[] = [];
  #typedBytes = 0;
  #startedAtMs = 0;
  #nextSequence = 0;
  #expectedSequence = 0;
  readonly #early = new Map<number, ChannelMessage>();
  #earlyBytes = 0;
  #unacknowledged: Sent[] = [];
  #isShaken = false;
  #isEnded = false;
  #size: { readonly columns: number; readonly rows: number } | undefined;
  #isResizing = false;
  #onRoom: (() => void) | undefined;

  constructor(options: AgentChannelOptions) {
    this.#options = options;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** A client has come, or come back. One that was there before is let go of. */
  attach(socket: ChannelSocket): void {
    this.#socket?.close('another connection took over');
    this.#socket = socket;
    if (this.#nextSequence === 0) this.#shakeHands();
    else for (const { bytes } of this.#unacknowledged) socket.send(bytes);
  }

  /** Its connection broke: the program goes on, until its output fills the window. False where another took over. */
  detach(socket: ChannelSocket): boolean {
    if (this.#socket !== socket) return false;
    this.#socket = undefined;
    return true;
  }

  /** One frame of the client. @throws Error for what is no frame */
  receive(bytes: Buffer): void {
    const message = decodeMessage(bytes);
    if (message.type === 'acknowledge') return this.#acknowledged(message.payload);
    if (message.type !== 'input_stream_data' || this.#isEnded) return;
    // What there is no room for comes again, since it is not acknowledged.
    if (!this.#hasRoom(message)) return;
    this.#acknowledge(message);
    if (message.sequence < this.#expectedSequence || this.#early.has(message.sequence)) return;
    this.#early.set(message.sequence, message);
    this.#earlyBytes += message.payload.length;
    for (let next = this.#take(); next && !this.#isEnded; next = this.#take()) this.#handle(next);
  }

  /** Tells the client, and ends the program. */
  terminate(why = '', exitCode?: number): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const { sessionId, onEnded } = this.#options;
    const closed = {
      MessageType: 'channel_closed',
      SchemaVersion: 1,
      SessionId: sessionId,
      DestinationId: '',
      Output: why,
    };
    this.#send('channel_closed', PAYLOAD.none, this.#nextSequence, {
      ...closed,
      MessageId: this.#options.ids.uuid(),
      CreatedDate: String(this.#options.clock.now()),
      // Of our own: other clients pass it over.
      ...(exitCode === undefined ? {} : { ExitCode: exitCode }),
    });
    this.#socket?.close('');
    this.#typed = [];
    this.#early.clear();
    this.#program?.close();
    this.#onRoom?.();
    onEnded();
  }

  #hasRoom({ sequence, payload }: ChannelMessage): boolean {
    if (sequence <= this.#expectedSequence) return true;
    return sequence - this.#expectedSequence <= MAX_AHEAD && this.#earlyBytes + payload.length <= MAX_EARLY_BYTES;
  }

  #take(): ChannelMessage | undefined {
    const message = this.#early.get(this.#expectedSequence);
    if (!message) return undefined;
    this.#early.delete(this.#expectedSequence);
    this.#earlyBytes -= message.payload.length;
    this.#expectedSequence += 1;
    return message;
  }

  #handle({ payloadType, payload }: ChannelMessage): void {
    switch (payloadType) {
      case PAYLOAD.handshakeResponse:
        return this.#shaken(payload);
      case PAYLOAD.output:
        return this.#input(payload);
      case PAYLOAD.size:
        return this.#resize(payload);
      case PAYLOAD.flag:
        if (payload.length === 4 && payload.readUInt32BE(0) === TERMINATE_SESSION) this.terminate();
        return undefined;
      default:
        return undefined;
    }
  }

  #input(payload: Buffer): void {
    if (this.#program) return this.#program.write(payload);
    this.#typed.push(payload);
    this.#typedBytes += payload.length;
    const isTooMuch = this.#typed.length > MAX_AHEAD || this.#typedBytes > MAX_EARLY_BYTES;
    // It was acknowledged, so it would be lost.
    if (isTooMuch) this.terminate('More input came than is kept until the program runs');
  }

  #shakeHands(): void {
    this.#startedAtMs = this.#options.clock.now();
    this.#stream(PAYLOAD.handshakeRequest, {
      AgentVersion: AGENT_VERSION,
      RequestedClientActions: [
        {
          ActionType: 'SessionType',
          ActionParameters: { SessionType: 'InteractiveCommands', Properties: {} },
        },
      ],
    });
  }

  #shaken(payload: Buffer): void {
    if (this.#isShaken) return;
    this.#isShaken = true;
    const { Errors: errors = [] } = JSON.parse(payload.toString('utf8')) as { Errors?: readonly string[] | null };
    if (errors && errors.length > 0) return this.terminate(errors.join(', '));
    const tookNanoseconds = Math.max(1, this.#options.clock.now() - this.#startedAtMs) * 1_000_000;
    this.#stream(PAYLOAD.handshakeComplete, { HandshakeTimeToComplete: tookNanoseconds, CustomerMessage: '' });
    void this.#run();
  }

  async #run(): Promise<void> {
    const { start, log } = this.#options;
    try {
      const program = await start();
      this.#program = program;
      if (this.#isEnded) return program.close();
      for (const bytes of this.#typed.splice(0)) program.write(bytes);
      await this.#applySize(program);
      for await (const { bytes } of program.output) {
        await this.#output(bytes);
        if (this.#isEnded) return;
      }
      this.terminate('', await program.exitCode());
    } catch (error) {
      log.info('a session ended early', { session: this.#options.sessionId, error: messageOf(error) });
      this.terminate(messageOf(error));
    }
  }

  async #output(bytes: Buffer): Promise<void> {
    for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
      while (this.#unacknowledged.length >= WINDOW && !this.#isEnded) {
        await new Promise<void>((resolve) => (this.#onRoom = resolve));
      }
      if (this.#isEnded) return;
      this.#stream(PAYLOAD.output, bytes.subarray(from, from + CHUNK_BYTES));
    }
  }

  #resize(payload: Buffer): void {
    const { cols, rows } = JSON.parse(payload.toString('utf8')) as { cols?: unknown; rows?: unknown };
    if (!isLength(cols) || !isLength(rows)) return;
    this.#size = { columns: cols, rows };
    if (this.#program && !this.#isResizing) void this.#applySize(this.#program);
  }

  /** One at a time: of many sizes that come meanwhile the last counts. */
  async #applySize(program: Program): Promise<void> {
    this.#isResizing = true;
    try {
      for (let applied; this.#size && applied !== this.#size;) {
        applied = this.#size;
        await program.resize(applied.columns, applied.rows);
      }
    } catch (error) {
      this.#options.log.debug('a terminal could not be resized', { error: messageOf(error) });
    } finally {
      this.#isResizing = false;
    }
  }

  #stream(payloadType: number, payload: object | Buffer): void {
    const sequence = this.#nextSequence++;
    const bytes = this.#send('output_stream_data', payloadType, sequence, payload);
    this.#unacknowledged.push({ sequence, bytes });
  }

  #acknowledge(message: ChannelMessage): void {
    this.#send('acknowledge', PAYLOAD.none, 0, {
      AcknowledgedMessageType: message.type,
      AcknowledgedMessageId: message.id,
      AcknowledgedMessageSequenceNumber: message.sequence,
      IsSequentialMessage: true,
    });
  }

  #acknowledged(payload: Buffer): void {
    const content = JSON.parse(payload.toString('utf8')) as { AcknowledgedMessageSequenceNumber?: number };
    const sequence = content.AcknowledgedMessageSequenceNumber;
    this.#unacknowledged = this.#unacknowledged.filter((sent) => sent.sequence !== sequence);
    if (this.#unacknowledged.length < WINDOW) {
      this.#onRoom?.();
      this.#onRoom = undefined;
    }
  }

  #send(type: MessageType, payloadType: number, sequence: number, payload: object | Buffer): Buffer {
    const { clock, ids } = this.#options;
    const bytes = encodeMessage({
      type,
      createdAtMs: clock.now(),
      sequence,
      flags: sequence === 0 && type === 'output_stream_data' ? SYN : 0n,
      id: ids.uuid(),
      payloadType,
      payload: Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload)),
    });
    this.#socket?.send(bytes);
    return bytes;
  }
}

function isLength(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 65_535;
}
