import { inspect } from 'node:util';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line per event: a short message in plain words, and the facts as fields. Never put a secret in a field. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A log whose every line carries `fields`. */
  with(fields: Readonly<Record<string, unknown>>): Log;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  readonly now: () => number;
  readonly write: (line: string) => void;
}

export function createLog(options: LogOptions, bound: Readonly<Record<string, unknown>> = {}): Log {
  const emit = (level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(options.level)) return;
    const all = { ...bound, ...fields };
    const time = new Date(options.now()).toISOString();
    options.write(
      options.format === 'json'
        ? `${JSON.stringify({ time, level, message, ...plainFields(all) })}\n`
        : `${time} ${level.toUpperCase().padEnd(5)} ${message}${textFields(all)}\n`,
    );
  };
  return {
    debug: (message, fields) => emit('debug', message, fields),
    info: (message, fields) => emit('info', message, fields),
    warn: (message, fields) => emit('warn', message, fields),
    error: (message, fields) => emit('error', message, fields),
    with: (fields) => createLog(options, { ...bound, ...fields }),
  };
}

export const silentLog: Log = createLog({ level: 'error', format: 'text', now: () => 0, write: () => {} });

function plainFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? inspect(value) : plainValue(value)]),
  );
}

/** A log must not throw: what JSON cannot say is printed as Node would. */
function plainValue(value: unknown): unknown {
  try {
    return JSON.stringify(value) === undefined && value !== undefined ? inspect(value) : value;
  } catch {
    return inspect(value);
  }
}

function textFields(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        ` ${key}=${typeof value === 'string' ? oneLine(value) : inspect(value, { breakLength: Infinity })}`,
    )
    .join('');
}

/** What a caller sent must not look like a line of its own. */
function oneLine(text: string): string {
  return /\p{Cc}/u.test(text) ? JSON.stringify(text) : text;
}
