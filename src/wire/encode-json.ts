import type { Shape, StructureShape } from './schema.ts';

/**
 * A structure as plain JSON: only modelled members, absent ones left out, empty lists and maps kept, timestamps as
 * epoch seconds with a fraction, blobs as base64.
 */
export function jsonStructure(shape: StructureShape, value: object): Record<string, unknown> {
  const record = value as Readonly<Record<string, unknown>>;
  const out: Record<string, unknown> = {};
  for (const member of shape.members) {
    const given = record[member.name];
    if (given !== undefined && given !== null) out[member.name] = jsonValue(member.shape, given);
  }
  return out;
}

function jsonValue(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'structure':
      return typeof value === 'object' && value !== null ? jsonStructure(shape, value) : value;
    case 'list':
      return Array.isArray(value) ? value.filter(isThere).map((item) => jsonValue(shape.element.shape, item)) : value;
    case 'map':
      return Object.fromEntries(
        Object.entries(value as object)
          .filter(([, item]) => isThere(item))
          .map(([key, item]) => [key, jsonValue(shape.value.shape, item)]),
      );
    case 'timestamp':
      return jsonTimestamp(shape.timestampFormat, value);
    case 'blob':
      return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
    default:
      return value;
  }
}

function jsonTimestamp(format: string | undefined, value: unknown): unknown {
  if (!(value instanceof Date)) return value;
  if (format === 'date-time') return value.toISOString();
  return format === 'http-date' ? value.toUTCString() : value.getTime() / 1000;
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}
