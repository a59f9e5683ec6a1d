interface LogEvent {
  readonly timeMs: number;
  readonly message: string;
}

/** AWS counts so much for each event besides its message. */
const EVENT_OVERHEAD_BYTES = 26;
const MOST_BYTES = 1_048_576;
const MOST_EVENTS = 10_000;
const MOST_SPAN_MS = 24 * 3_600_000;
/** As the awslogs driver cuts lines. */
const PIECE_BYTES = 256 * 1024 - EVENT_OVERHEAD_BYTES;
const LONGEST_CHARACTER_BYTES = 4;

/**
 * Whatever a container prints, as requests that PutLogEvents takes, since one that it refuses would hold up all that
 * follows: in order of time (two streams may overtake each other), without blank lines, long lines in pieces.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
 */
export function logRequests(lines: readonly LogEvent[]): LogEvent[][] {
  const events = lines
    .toSorted((a, b) => a.timeMs - b.timeMs)
    .flatMap(({ timeMs, message }) => piecesOf(message).map((piece) => ({ timeMs, message: piece })));
  const requests: LogEvent[][] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(event.message) + EVENT_OVERHEAD_BYTES;
    const current = requests.at(-1);
    const firstMs = current?.[0]?.timeMs ?? 0;
    const hasRoom = current && current.length < MOST_EVENTS && bytes + size <= MOST_BYTES;
    if (hasRoom && event.timeMs - firstMs <= MOST_SPAN_MS) {
      current.push(event);
      bytes += size;
    } else {
      requests.push([event]);
      bytes = size;
    }
  }
  return requests;
}

/** Whether a stored event is a piece that another piece of the same line follows. */
export function isCut(message: string): boolean {
  return Buffer.byteLength(message) > PIECE_BYTES - LONGEST_CHARACTER_BYTES;
}

function piecesOf(message: string): string[] {
  const bytes = Buffer.from(message);
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length;) {
    let end = Math.min(bytes.length, start + PIECE_BYTES);
    // Not inside a character: its later bytes begin with the bits 10.
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
    pieces.push(bytes.toString('utf8', start, end));
    start = end;
  }
  return pieces;
}
