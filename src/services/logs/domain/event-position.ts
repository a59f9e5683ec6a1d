/** Where an event stands in its stream: by time, then in the order of arrival. */
export interface Position {
  readonly ms: number;
  readonly sequence: number;
  readonly index: number;
}

export interface LogEvent extends Position {
  readonly message: string;
  readonly ingestedAtMs: number;
}

const MS_DIGITS = 16;
const SEQUENCE_DIGITS = 14;
const INDEX_DIGITS = 6;
const STREAM_DIGITS = 20;
/** Before every event there can be. */
export const BEGINNING: Position = { ms: 0, sequence: 0, index: -1 };

export function comparePositions(a: Position, b: Position): number {
  return a.ms - b.ms || a.sequence - b.sequence || a.index - b.index;
}

/** 56 digits, as AWS's event ids: unique in the region, and in order within a stream. */
export function eventId(position: Position, streamId: string): string {
  const stream = BigInt(`0x${streamId}`) % 10n ** BigInt(STREAM_DIGITS);
  return `${positionDigits(position)}${String(stream).padStart(STREAM_DIGITS, '0')}`;
}

/** GetLogEvents' tokens: `f/` and `b/` with 56 digits. One above an index, so that the beginning has digits too. */
export function eventToken(direction: 'f' | 'b', position: Position): string {
  return `${direction}/${positionDigits({ ...position, index: position.index + 1 })}${'0'.repeat(STREAM_DIGITS)}`;
}

/** Answers undefined for what is no such token. */
export function parseEventToken(token: string): { direction: 'f' | 'b'; position: Position } | undefined {
  const match = /^([fb])\/(\d{16})(\d{14})(\d{6})\d{20}$/.exec(token);
  if (!match) return undefined;
  return {
    direction: match[1] === 'f' ? 'f' : 'b',
    position: { ms: Number(match[2]), sequence: Number(match[3]), index: Number(match[4]) - 1 },
  };
}

function positionDigits(position: Position): string {
  return [
    String(position.ms).padStart(MS_DIGITS, '0'),
    String(position.sequence).padStart(SEQUENCE_DIGITS, '0'),
    String(position.index).padStart(INDEX_DIGITS, '0'),
  ].join('');
}
