/** What a session talks to: a program in a container, or anything that reads and writes bytes. */
export interface Program {
  /** Ends when the program has ended and closed its output. */
  readonly output: AsyncIterable<{ readonly stream: 'stdout' | 'stderr'; readonly bytes: Buffer }>;
  write(bytes: Buffer): void;
  resize(columns: number, rows: number): Promise<void>;
  exitCode(): Promise<number | undefined>;
  /** Ends it, or at least lets go of it. */
  close(): void;
}

/** One connection of a client. A channel outlives it: a client may come back on another. */
export interface ChannelSocket {
  send(bytes: Buffer): void;
  close(reason: string): void;
}
