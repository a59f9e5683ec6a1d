import type { Identified } from './identified.ts';
import type { Path } from './member-path.ts';
import { missingMembers, wrongType } from './refusals.ts';
import { typeName } from './scalar-text.ts';
import type { ScalarShape, Shape, StructureShape } from './schema.ts';

/**
 * Checks an input against the model at any depth: every value has its type, every required member is there. What else
 * AWS checks (lengths, patterns, enum values, whole numbers) is not in the SDK's schemas; handlers check it.
 * @throws ServiceError with the service's own code: wrong types first, then all missing members
 */
export function validate(callee: Pick<Identified, 'service' | 'operation' | 'protocol'>, input: object): void {
  const shape = callee.operation.input;
  if (!shape) return;
  const missing: Path[] = [];
  for (const finding of inspectStructure(shape, input, [])) {
    if (finding.kind === 'missing') missing.push(finding.path);
    else throw wrongType(callee, finding.path, typeName(finding.expected), describe(finding.value));
  }
  if (missing.length > 0) throw missingMembers(callee, missing);
}

type Finding =
  | { readonly kind: 'missing'; readonly path: Path }
  | { readonly kind: 'type'; readonly path: Path; readonly expected: Shape['kind']; readonly value: unknown };

function* inspect(shape: Shape, value: unknown, path: Path): Generator<Finding> {
  switch (shape.kind) {
    case 'structure':
      if (isRecord(value)) yield* inspectStructure(shape, value, path);
      else yield { kind: 'type', path, expected: shape.kind, value };
      return;
    case 'list':
      if (!Array.isArray(value)) {
        yield { kind: 'type', path, expected: shape.kind, value };
        return;
      }
      for (const [index, item] of value.entries()) {
        const place: Path = [...path, { kind: 'index', index }];
        if (item === null || item === undefined) yield { kind: 'missing', path: place };
        else yield* inspect(shape.element.shape, item, place);
      }
      return;
    case 'map':
      if (!isRecord(value)) {
        yield { kind: 'type', path, expected: shape.kind, value };
        return;
      }
      for (const [key, item] of Object.entries(value)) {
        const place: Path = [...path, { kind: 'key', key }];
        if (item === null || item === undefined) yield { kind: 'missing', path: place };
        else yield* inspect(shape.value.shape, item, place);
      }
      return;
    default:
      if (!isScalarOf(shape, value)) yield { kind: 'type', path, expected: shape.kind, value };
  }
}

function* inspectStructure(shape: StructureShape, value: object, path: Path): Generator<Finding> {
  const record = value as Readonly<Record<string, unknown>>;
  for (const member of shape.members) {
    const given = record[member.name];
    const place: Path = [...path, { kind: 'member', member }];
    if (given !== undefined && given !== null) yield* inspect(member.shape, given, place);
    else if (member.required) yield { kind: 'missing', path: place };
  }
}

function isScalarOf(shape: ScalarShape, value: unknown): boolean {
  switch (shape.kind) {
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'timestamp':
      return value instanceof Date && !Number.isNaN(value.getTime());
    case 'blob':
      return value instanceof Uint8Array;
    case 'document':
      return true;
    default:
      return typeof value === shape.kind;
  }
}

function isRecord(value: unknown): value is object {
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isPlain && !(value instanceof Date) && !(value instanceof Uint8Array);
}

/** The JSON token that AWS names in its message. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return 'START_ARRAY';
  if (typeof value === 'object') return 'START_OBJECT';
  if (typeof value === 'boolean') return `${String(value).toUpperCase()}_VALUE`;
  return typeof value === 'number' ? 'NUMBER_VALUE' : 'STRING_VALUE';
}
