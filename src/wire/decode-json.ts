import type { Identified } from './identified.ts';
import { unreadableBody } from './refusals.ts';
import { parseBase64, parseScalar } from './scalar-text.ts';
import type { Shape, StructureShape } from './schema.ts';

/**
 * A JSON body as the operation's input. Members that are null or not in the model are left out. A value of a wrong
 * type is handed on as it is: `validate` refuses it with its place.
 */
export function decodeJson(callee: Identified, body: Buffer): object {
  const parsed = parseObject(callee, body);
  try {
    return callee.operation.input ? readStructure(callee.operation.input, parsed, 0) : {};
  } catch (error) {
    if (error instanceof TooDeep) throw unreadableBody(callee, 'The request body is nested too deeply.');
    throw error;
  }
}

/** Some inputs may hold themselves (ACM's filters); no honest one goes further. */
const MAX_DEPTH = 100;
class TooDeep extends Error {}

function parseObject(callee: Identified, body: Buffer): object {
  if (body.length === 0) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    throw unreadableBody(callee, 'The request body is not valid JSON.');
  }
  if (!isRecord(parsed)) throw unreadableBody(callee, 'The request body is not a JSON object.');
  return parsed;
}

function read(shape: Shape, value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new TooDeep();
  switch (shape.kind) {
    case 'structure':
      return isRecord(value) ? readStructure(shape, value, depth) : value;
    case 'list':
      return Array.isArray(value) ? value.map((item) => read(shape.element.shape, item, depth + 1)) : value;
    case 'map':
      return isRecord(value)
        ? Object.fromEntries(
            Object.entries(value).map(([key, item]) => [key, read(shape.value.shape, item, depth + 1)]),
          )
        : value;
    case 'timestamp':
      if (typeof value === 'number') return new Date(Math.round(value * 1000));
      return typeof value === 'string' ? (parseScalar(shape, value) ?? value) : value;
    case 'blob':
      return typeof value === 'string' ? (parseBase64(value) ?? value) : value;
    default:
      return value;
  }
}

function readStructure(shape: StructureShape, value: object, depth: number): object {
  const record = value as Readonly<Record<string, unknown>>;
  const out: Record<string, unknown> = {};
  for (const member of shape.members) {
    if (!Object.hasOwn(record, member.name)) continue;
    const given = record[member.name];
    if (given !== null && given !== undefined) out[member.name] = read(member.shape, given, depth + 1);
  }
  return out;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
