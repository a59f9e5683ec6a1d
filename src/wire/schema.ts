/**
 * The AWS SDK's runtime schemas, read. This is the only file that knows how their tuples are laid out (`StaticSchema` in
 * `@smithy/types`); the rest of wire/ walks the shapes below. Anything not known here throws UnknownSchema, which the
 * contract test provokes for every client in use.
 *
 *     [0, ns, name, traits, ref]                 simple
 *     [1, ns, name, traits, ref]                 list
 *     [2, ns, name, traits, keyRef, ref]         map
 *     [3 | -3 | 4, ns, name, traits, memberNames[], memberRefs[], requiredCount?]   structure, error, union
 *     [9, ns, name, traits, inputRef, outputRef] operation
 *
 * A ref is a sentinel number, 'unit', a tuple, a function that answers one of these, or [ref, member traits].
 */

export type Traits = Readonly<Record<string, unknown>>;

export type ScalarKind = 'string' | 'number' | 'boolean' | 'timestamp' | 'blob' | 'document';
export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

export interface ScalarShape {
  readonly kind: ScalarKind;
  /** Given where the model names one; else the protocol's own. */
  readonly timestampFormat?: TimestampFormat;
  readonly sensitive?: true;
}

export interface ListShape {
  readonly kind: 'list';
  readonly sensitive?: true;
  readonly element: Target;
}

export interface MapShape {
  readonly kind: 'map';
  readonly sensitive?: true;
  readonly key: Target;
  readonly value: Target;
}

export interface StructureShape {
  readonly kind: 'structure';
  /** The model's trait: never to be shown in logs. */
  readonly sensitive?: true;
  readonly name: string;
  /** The root element, where it is not the name. */
  readonly xmlName?: string;
  readonly union: boolean;
  /** A union whose values come one after another as long as the answer lasts. */
  readonly eventStream?: true;
  readonly members: readonly Member[];
}

export type Shape = ScalarShape | ListShape | MapShape | StructureShape;

/** A shape as something points at it; the traits are those of the pointing member only. */
export interface Target {
  readonly shape: Shape;
  readonly traits: Traits;
}

export interface Member extends Target {
  readonly name: string;
  readonly required: boolean;
}

export interface HttpTrait {
  readonly method: string;
  /** e.g. `/2013-04-01/hostedzone/{Id}` */
  readonly path: string;
  readonly status: number;
}

export interface OperationSchema {
  readonly name: string;
  /** Undefined where the operation takes nothing. */
  readonly input: StructureShape | undefined;
  readonly output: StructureShape | undefined;
  readonly http?: HttpTrait;
  /** The request's body may come with checksums of it, in headers or in trailers. */
  readonly httpChecksum?: true;
}

export interface ErrorSchema {
  readonly shape: StructureShape;
  readonly fault: 'client' | 'server';
  readonly httpStatus?: number;
  /** The code and status that the query protocols use instead of the shape's name. */
  readonly query?: { readonly code: string; readonly httpStatus: number };
}

export class UnknownSchema extends Error {
  override readonly name = 'UnknownSchema';
}

type Tuple = readonly unknown[];

const SCALARS: ReadonlyMap<unknown, ScalarShape> = new Map<number, ScalarShape>([
  [0, { kind: 'string' }],
  [1, { kind: 'number' }],
  [2, { kind: 'boolean' }],
  [4, { kind: 'timestamp' }],
  [5, { kind: 'timestamp', timestampFormat: 'date-time' }],
  [6, { kind: 'timestamp', timestampFormat: 'http-date' }],
  [7, { kind: 'timestamp', timestampFormat: 'epoch-seconds' }],
  [15, { kind: 'document' }],
  [21, { kind: 'blob' }],
  // A streaming blob: it is still one value here.
  [42, { kind: 'blob' }],
]);
const LIST_OF = 64;
const MAP_OF = 128;

const TRAIT_BITS: ReadonlyMap<number, string> = new Map([
  [1, 'httpLabel'],
  [2, 'idempotent'],
  [4, 'idempotencyToken'],
  [8, 'sensitive'],
  [16, 'httpPayload'],
]);

const KNOWN_TRAITS: ReadonlySet<string> = new Set([
  ...TRAIT_BITS.values(),
  'awsQueryError',
  'ec2QueryName',
  'endpoint',
  'error',
  'eventPayload',
  'hostLabel',
  'http',
  'httpChecksum',
  'httpError',
  'httpHeader',
  'httpPrefixHeaders',
  'httpQuery',
  'streaming',
  'xmlAttribute',
  'xmlFlattened',
  'xmlName',
  'xmlNamespace',
]);

const NO_TRAITS: Traits = {};
const STRING: Target = { shape: { kind: 'string' }, traits: NO_TRAITS };
const shapes = new WeakMap<Tuple, Shape>();

/** An exported value of an SDK package, as an operation; undefined when it is something else. */
export function readOperation(exported: unknown): OperationSchema | undefined {
  if (!Array.isArray(exported) || exported[0] !== 9) return undefined;
  const [, , name, rawTraits, input, output] = exported as Tuple;
  const { http, httpChecksum } = readTraits(rawTraits);
  return {
    name: String(name),
    input: readStructure(input),
    output: readStructure(output),
    ...(isTuple(http) ? { http: { method: String(http[0]), path: String(http[1]), status: Number(http[2]) } } : {}),
    ...(httpChecksum === undefined ? {} : { httpChecksum: true as const }),
  };
}

/** An exported value of an SDK package, as an error of the service; undefined when it is something else. */
export function readError(exported: unknown): ErrorSchema | undefined {
  if (!Array.isArray(exported) || exported[0] !== -3) return undefined;
  const [, namespace, , rawTraits] = exported as Tuple;
  // The SDK's own base exception is no error of the service.
  if (String(namespace).startsWith('smithy.ts.sdk.synthetic')) return undefined;
  const traits = readTraits(rawTraits);
  const query = traits['awsQueryError'];
  const shape = readShape(exported);
  if (shape?.kind !== 'structure') throw new UnknownSchema('an error that is no structure');
  return {
    shape,
    fault: traits['error'] === 'server' ? 'server' : 'client',
    ...(typeof traits['httpError'] === 'number' ? { httpStatus: traits['httpError'] } : {}),
    ...(isTuple(query) ? { query: { code: String(query[0]), httpStatus: Number(query[1]) } } : {}),
  };
}

function readStructure(ref: unknown): StructureShape | undefined {
  const shape = readShape(ref);
  if (shape === undefined || shape.kind === 'structure') return shape;
  throw new UnknownSchema(`an operation with ${shape.kind} as its input or output`);
}

function readShape(ref: unknown): Shape | undefined {
  if (ref === 'unit') return undefined;
  if (typeof ref === 'function') return readShape(ref());
  if (typeof ref === 'number') return sentinelShape(ref);
  if (!isTuple(ref)) throw new UnknownSchema(`a schema of type ${typeof ref}`);
  const known = shapes.get(ref);
  if (known) return known;
  const shape = tupleShape(ref);
  shapes.set(ref, shape);
  return shape;
}

function sentinelShape(sentinel: number): Shape {
  const scalar = SCALARS.get(sentinel);
  if (scalar) return scalar;
  const inner = SCALARS.get(sentinel & 0b11_1111);
  if (inner && sentinel >> 6 === LIST_OF >> 6) return { kind: 'list', element: { shape: inner, traits: NO_TRAITS } };
  if (inner && sentinel >> 6 === MAP_OF >> 6) {
    return { kind: 'map', key: STRING, value: { shape: inner, traits: NO_TRAITS } };
  }
  throw new UnknownSchema(`sentinel ${sentinel}`);
}

/** Members are read when they are first asked for: schemas refer to each other in circles. */
function tupleShape(tuple: Tuple): Shape {
  const [kind, , name] = tuple;
  const traits = readTraits(tuple[3]);
  const sensitive = traits['sensitive'] !== undefined && ({ sensitive: true } as const);
  switch (kind) {
    case 0: {
      const shape = readShape(tuple[4]);
      if (shape === undefined) throw new UnknownSchema(`${String(name)} is a simple shape without a type`);
      return sensitive ? { ...shape, ...sensitive } : shape;
    }
    case 1: {
      const element = once(() => readTarget(tuple[4]));
      return {
        kind: 'list',
        ...sensitive,
        get element() {
          return element();
        },
      };
    }
    case 2: {
      const key = once(() => readTarget(tuple[4]));
      const value = once(() => readTarget(tuple[5]));
      return {
        kind: 'map',
        ...sensitive,
        get key() {
          return key();
        },
        get value() {
          return value();
        },
      };
    }
    case 3:
    case -3:
    case 4: {
      const members = once(() => readMembers(tuple));
      return {
        kind: 'structure',
        ...sensitive,
        name: String(name),
        ...(typeof traits['xmlName'] === 'string' && { xmlName: traits['xmlName'] }),
        union: kind === 4,
        ...(kind === 4 && traits['streaming'] !== undefined && { eventStream: true }),
        get members() {
          return members();
        },
      };
    }
    default:
      throw new UnknownSchema(`${String(name)} is of kind ${String(kind)}`);
  }
}

function readMembers(tuple: Tuple): readonly Member[] {
  const [, , name, , names, refs, requiredCount = 0] = tuple;
  if (!isTuple(names) || !isTuple(refs) || names.length !== refs.length || typeof requiredCount !== 'number') {
    throw new UnknownSchema(`the members of ${String(name)} are laid out otherwise`);
  }
  return names.map((member, index) => {
    const { shape, traits } = readTarget(refs[index]);
    return { name: String(member), shape, traits, required: index < requiredCount };
  });
}

function readTarget(ref: unknown): Target {
  // Shape tuples have a namespace (text) in slot 1, member refs have their traits there.
  const isMember = isTuple(ref) && ref.length === 2 && typeof ref[1] !== 'string';
  const shape = readShape(isMember ? ref[0] : ref);
  if (shape === undefined) throw new UnknownSchema('a member without a type');
  return { shape, traits: isMember ? readTraits(ref[1]) : NO_TRAITS };
}

function readTraits(traits: unknown): Traits {
  if (traits === undefined || traits === 0) return NO_TRAITS;
  if (typeof traits === 'number') return traitsOfBits(traits);
  if (typeof traits !== 'object' || traits === null) throw new UnknownSchema(`traits of type ${typeof traits}`);
  const unknown = Object.keys(traits).find((name) => !KNOWN_TRAITS.has(name));
  if (unknown !== undefined) throw new UnknownSchema(`trait ${unknown}`);
  return traits as Traits;
}

function traitsOfBits(bits: number): Traits {
  const traits: Record<string, 1> = {};
  let rest = bits;
  for (const [bit, name] of TRAIT_BITS) {
    if ((bits & bit) === 0) continue;
    traits[name] = 1;
    rest -= bit;
  }
  if (rest !== 0) throw new UnknownSchema(`trait bits ${rest}`);
  return traits;
}

function isTuple(value: unknown): value is Tuple {
  return Array.isArray(value);
}

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
