import { sleep, systemClock } from '../../kernel/clock.ts';
import type { Clients } from '../clients.ts';
import { StreamReader, type Line } from './stream-reader.ts';
import { findTasks, streamsOf, type Found } from './task-streams.ts';

const POLL_MS = 500;
const COLOURS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

export interface LogsOptions {
  readonly home?: string;
  readonly region?: string;
  readonly cluster: string;
  readonly container?: string;
  /** ms since the epoch */
  readonly since?: number;
  readonly tail?: number;
  readonly follow?: boolean;
}

/** @throws CliError for a target that is not there, or whose lines go nowhere that can be read */
export async function printLogs(clients: Clients, target: string, options: LogsOptions): Promise<void> {
  const stop = stopSignal();
  const readers = new Map<string, StreamReader>();
  let isFirst = true;
  while (!stop.aborted) {
    // What tasks are is asked first: a stopped one's lines are all stored.
    const found = await findTasks(clients.ecs, target, options.cluster);
    await addReaders(clients, found, readers, options, isFirst);
    const lines = (await Promise.all([...readers.values()].map((reader) => reader.read()))).flat();
    const ordered = lines.toSorted((a, b) => a.timeMs - b.timeMs);
    const shown =
      isFirst && options.tail !== undefined
        ? ordered.slice(ordered.length - Math.min(ordered.length, options.tail))
        : ordered;
    print(shown, [...readers.keys()]);
    if (!options.follow || found.isOver) return;
    isFirst = false;
    await sleep(systemClock, POLL_MS, stop);
  }
}

async function addReaders(
  clients: Clients,
  found: Found,
  readers: Map<string, StreamReader>,
  { container, since, tail }: LogsOptions,
  isFirst: boolean,
): Promise<void> {
  for (const stream of await streamsOf(clients.ecs, found, new Set(readers.keys()), container)) {
    // Of a task that comes later all is new.
    const reader = new StreamReader(clients.logs, stream, {
      ...(since !== undefined && { sinceMs: since }),
      ...(isFirst && tail !== undefined && { last: tail }),
    });
    readers.set(stream.label, reader);
  }
}

function print(lines: readonly Line[], labels: readonly string[]): void {
  const isColoured = process.stdout.isTTY;
  const text = lines.map(({ label, message }) => {
    const prefix = isColoured ? `\u001b[${COLOURS[labels.indexOf(label) % COLOURS.length]}m${label}\u001b[0m` : label;
    return message
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => `${prefix} | ${line}\n`)
      .join('');
  });
  process.stdout.write(text.join(''));
}

/** Ctrl-C is how following ends, as is a reader that has seen enough (`| head`). A second Ctrl-C ends it at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.stdout.once('error', () => stop.abort());
  return stop.signal;
}
