import type { ScalarShape } from './schema.ts';

const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const DATE_TIME = /^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The value that a text stands for in a form, in XML, in a path or in a header; undefined when it is none. */
export function parseScalar(shape: ScalarShape, text: string): unknown {
  switch (shape.kind) {
    case 'number':
      return NUMBER.test(text.trim()) ? Number(text) : undefined;
    case 'boolean':
      return parseBoolean(text.trim().toLowerCase());
    case 'timestamp':
      return parseTimestamp(text.trim());
    case 'blob':
      return parseBase64(text);
    default:
      return text;
  }
}

function parseBoolean(text: string): boolean | undefined {
  if (text === 'true') return true;
  return text === 'false' ? false : undefined;
}

/** Clients write date-times, HTTP dates or epoch seconds; AWS reads all of them. */
function parseTimestamp(text: string): Date | undefined {
  if (NUMBER.test(text)) return new Date(Math.round(Number(text) * 1000));
  if (!DATE_TIME.test(text) && !/^[A-Z][a-z]{2}, /.test(text)) return undefined;
  // A time without a zone is UTC, not the machine's own.
  const zoned = /^\d{4}.*\d:\d\d(:\d\d(\.\d+)?)?$/.test(text) ? `${text}Z` : text;
  const date = new Date(zoned);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

export function parseBase64(text: string): Uint8Array | undefined {
  const compact = text.replace(/\s/g, '');
  if (!BASE64.test(compact) || compact.length % 4 === 1) return undefined;
  return Uint8Array.from(Buffer.from(compact, 'base64'));
}

/** The type's name in AWS's error messages. */
export function typeName(kind: string): string {
  switch (kind) {
    case 'number':
      return 'an Integer';
    case 'structure':
      return 'a Structure';
    case 'blob':
      return 'a Blob';
    case 'timestamp':
      return 'a Timestamp';
    default:
      return `a ${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  }
}

/** A timestamp as text; XML protocols drop `.000`, EC2 keeps it. */
export function formatDateTime(date: Date, keepMilliseconds: boolean): string {
  const text = date.toISOString();
  return keepMilliseconds ? text : text.replace('.000Z', 'Z');
}
