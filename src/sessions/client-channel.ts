import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { decodeMessage, encodeMessage, PAYLOAD, TERMINATE_SESSION } from './message.ts';
import type { ChannelMessage, MessageType } from './message.ts';

export interface ClientChannelOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly send: (bytes: Buffer) => void;
  readonly onOutput: (bytes: Buffer) => void;
  /** Hands are shaken: sizes and input may go; what comes before the program runs waits for it. */
  readonly onReady: () => void;
  readonly onClosed: (end: SessionEnd) => void;
}

export interface SessionEnd {
  /** Empty where the program has ended by itself. */
  readonly why: string;
  /** Known to this server's own clients: AWS tells nobody. */
  readonly exitCode?: number;
}

const CLIENT_VERSION = '1.2.600.0';
const CHUNK_BYTES = 1024;

/** The client's end of a session: see `AgentChannel`. */
export class ClientChannel {
  readonly #options: ClientChannelOptions;
  #nextSequence = 0;
  #expectedSequence = 0;
  readonly #early = new Map<number, ChannelMessage>();

  constructor(options: ClientChannelOptions) {
    this.#options = options;
  }

  /** What goes first, as text. */
  opening(token: string): string {
    const { ids } = this.#options;
    return JSON.stringify({
      MessageSchemaVersion: '1.0',
      RequestId: ids.uuid(),
      TokenValue: token,
      ClientId: ids.uuid(),
      ClientVersion: CLIENT_VERSION,
    });
  }

  receive(bytes: Buffer): void {
    const message = decodeMessage(bytes);
    if (message.type === 'channel_closed') {
      const closed = JSON.parse(message.payload.toString('utf8')) as { Output?: string; ExitCode?: number };
      const { Output: why = '', ExitCode: exitCode } = closed;
      return this.#options.onClosed({ why, ...(exitCode === undefined ? {} : { exitCode }) });
    }
    if (message.type !== 'output_stream_data') return;
    this.#acknowledge(message);
    if (message.sequence < this.#expectedSequence) return;
    this.#early.set(message.sequence, message);
    for (let next = this.#take(); next; next = this.#take()) this.#handle(next);
  }

  input(bytes: Buffer): void {
    for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
      this.#stream(PAYLOAD.output, bytes.subarray(from, from + CHUNK_BYTES));
    }
  }

  resize(cols: number, rows: number): void {
    this.#stream(PAYLOAD.size, Buffer.from(JSON.stringify({ cols, rows })));
  }

  terminate(): void {
    const flag = Buffer.alloc(4);
    flag.writeUInt32BE(TERMINATE_SESSION);
    this.#stream(PAYLOAD.flag, flag);
  }

  #take(): ChannelMessage | undefined {
    const message = this.#early.get(this.#expectedSequence);
    if (!message) return undefined;
    this.#early.delete(this.#expectedSequence);
    this.#expectedSequence += 1;
    return message;
  }

  #handle({ payloadType, payload }: ChannelMessage): void {
    if (payloadType === PAYLOAD.handshakeRequest) {
      const { RequestedClientActions: actions } = JSON.parse(payload.toString('utf8')) as {
        RequestedClientActions: readonly { ActionType: string }[];
      };
      const processed = actions.map(({ ActionType }) => ({
        ActionType,
        ActionStatus: ActionType === 'SessionType' ? 1 : 3,
        ActionResult: null,
        Error: '',
      }));
      const response = { ClientVersion: CLIENT_VERSION, ProcessedClientActions: processed, Errors: [] };
      return this.#stream(PAYLOAD.handshakeResponse, Buffer.from(JSON.stringify(response)));
    }
    if (payloadType === PAYLOAD.handshakeComplete) return this.#options.onReady();
    if (payloadType === PAYLOAD.output || payloadType === PAYLOAD.standardError) this.#options.onOutput(payload);
  }

  #acknowledge(message: ChannelMessage): void {
    const content = {
      AcknowledgedMessageType: message.type,
      AcknowledgedMessageId: message.id,
      AcknowledgedMessageSequenceNumber: message.sequence,
      IsSequentialMessage: true,
    };
    this.#send('acknowledge', PAYLOAD.none, 0, Buffer.from(JSON.stringify(content)));
  }

  #stream(payloadType: number, payload: Buffer): void {
    this.#send('input_stream_data', payloadType, this.#nextSequence++, payload);
  }

  #send(type: MessageType, payloadType: number, sequence: number, payload: Buffer): void {
    const { clock, ids, send } = this.#options;
    send(encodeMessage({ type, createdAtMs: clock.now(), sequence, flags: 0n, id: ids.uuid(), payloadType, payload }));
  }
}
