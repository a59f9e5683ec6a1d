import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { unless } from '../clients.ts';
import type { TaskStream } from './task-streams.ts';

const MOST_EVENTS = 10_000;

export interface Line {
  readonly timeMs: number;
  readonly label: string;
  readonly message: string;
}

/** One container's log stream, read from where the last read ended. */
export class StreamReader {
  readonly #client: CloudWatchLogsClient;
  readonly #stream: TaskStream;
  readonly #sinceMs: number | undefined;
  #last: number | undefined;
  #token: string | undefined;

  /** @param options `last`: how many lines the first read brings at most */
  constructor(client: CloudWatchLogsClient, stream: TaskStream, options: { sinceMs?: number; last?: number }) {
    this.#client = client;
    this.#stream = stream;
    this.#sinceMs = options.sinceMs;
    this.#last = options.last;
  }

  /** All that is new; nothing while the stream is not there yet. */
  async read(): Promise<readonly Line[]> {
    try {
      return await this.#readOn();
    } finally {
      // All of a stream that comes later is new.
      this.#last = undefined;
    }
  }

  async #readOn(): Promise<readonly Line[]> {
    const lines: Line[] = [];
    for (;;) {
      const page = await this.#page();
      if (!page) return lines;
      for (const { timestamp = 0, message = '' } of page.events ?? []) {
        lines.push({ timeMs: timestamp, label: this.#stream.label, message });
      }
      const isEnd = page.nextForwardToken === this.#token || (page.events ?? []).length === 0;
      this.#token = page.nextForwardToken;
      if (isEnd) return lines;
    }
  }

  #page() {
    const [sinceMs, last] = [this.#sinceMs, this.#last];
    const isLast = this.#token === undefined && last !== undefined;
    return unless(
      ['ResourceNotFoundException'],
      this.#client.send(
        new GetLogEventsCommand({
          logGroupName: this.#stream.group,
          logStreamName: this.#stream.name,
          startFromHead: !isLast,
          limit: isLast ? Math.min(MOST_EVENTS, Math.max(1, last)) : MOST_EVENTS,
          ...(sinceMs !== undefined && { startTime: sinceMs }),
          ...(this.#token !== undefined && { nextToken: this.#token }),
        }),
      ),
    );
  }
}
