import { XmlShapeDeserializer } from '@aws-sdk/core/protocols';
import { parsePairs, type Pairs } from './form.ts';
import type { Identified } from './identified.ts';
import { bindingOf, textTrait, xmlName, type Path } from './member-path.ts';
import { header, splitTarget, type RawRequest } from './raw-request.ts';
import { unreadableBody, wrongType } from './refusals.ts';
import { parseScalar, typeName } from './scalar-text.ts';
import type { ListShape, MapShape, Member, ScalarShape, Shape, Target } from './schema.ts';

const DOCUMENT_SENTINEL = 15;
const xmlReader = new XmlShapeDeserializer({
  timestampFormat: { useTrait: true, default: 5 },
  httpBindings: true,
  xmlNamespace: '',
  serviceNamespace: '',
});

/** What the SDK's parser makes of an element: its text, or its children by name (a list where a name repeats). */
type XmlNode = unknown;

/**
 * A REST request as the operation's input: labels from the path, bound members from query and headers, the rest from
 * the XML body, whose root element may have any name. Where a member is the payload, the whole body is that member.
 */
export function decodeRestXml(callee: Identified, request: RawRequest): object {
  const query = parsePairs(splitTarget(request.rawUrl).query);
  if (!query) throw unreadableBody(callee, 'The query string contains a syntax error.');
  const members = callee.operation.input?.members ?? [];
  const body = members.some((member) => bindingOf(member) === 'body') ? parseXml(callee, request.body) : {};
  const out: Record<string, unknown> = {};
  for (const member of members) {
    const path: Path = [{ kind: 'member', member }];
    const value = readTopMember(callee, member, { request, query, body, path });
    if (value !== undefined) out[member.name] = value;
  }
  return out;
}

interface Sources {
  readonly request: RawRequest;
  readonly query: Pairs;
  readonly body: XmlNode;
  readonly path: Path;
}

function readTopMember(callee: Identified, member: Member, { request, query, body, path }: Sources): unknown {
  switch (bindingOf(member)) {
    case 'body':
      return readMember(callee, member, body, path);
    case 'payload':
      return readPayload(callee, member, request.body, path);
    case 'prefixHeaders':
      return readPrefixed(request, textTrait(member.traits, 'httpPrefixHeaders') ?? '');
    default:
      return readBound(callee, member, boundText(callee, member, request, query), path);
  }
}

/** Text and bytes as they are; a structure's body is the structure, under whatever root. */
function readPayload(callee: Identified, member: Member, body: Buffer, path: Path): unknown {
  const { shape } = member;
  if (shape.kind === 'blob') return body;
  if (body.length === 0) return undefined;
  if (shape.kind === 'string') return body.toString('utf8');
  return readNode(callee, member, parseXml(callee, body), path);
}

/** The headers of a prefix by the rest of their names, in lower case; undefined where there are none. */
function readPrefixed(request: RawRequest, prefix: string): object | undefined {
  const found: Record<string, string> = {};
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase();
    if (!lower.startsWith(prefix)) continue;
    const key = lower.slice(prefix.length);
    const before = Object.hasOwn(found, key) ? `${found[key]},` : '';
    found[key] = before + value;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

function boundText(callee: Identified, member: Member, request: RawRequest, query: Pairs): string | undefined {
  const inHeader = textTrait(member.traits, 'httpHeader');
  if (inHeader !== undefined) return header(request, inHeader);
  const inQuery = textTrait(member.traits, 'httpQuery');
  if (inQuery !== undefined) return query.find(([name]) => name === inQuery)?.[1];
  return callee.labels?.get(member.name);
}

function readBound(callee: Identified, member: Member, text: string | undefined, path: Path): unknown {
  const { shape } = member;
  if (text === undefined) return undefined;
  if (shape.kind === 'list' && isScalar(shape.element.shape)) {
    const element = shape.element.shape;
    return headerItems(text).map((each) => scalar(callee, element, each, path));
  }
  if (!isScalar(shape)) throw new Error(`${member.name} is bound to the request line but is a ${shape.kind}`);
  return scalar(callee, shape, text, path);
}

/** `a, "b, \\"c\\""` is a list of two. */
function headerItems(text: string): readonly string[] {
  const items = text.match(/"(?:\\.|[^"\\])*"|[^,"]+/g) ?? [];
  return items
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => (item.startsWith('"') ? item.slice(1, -1).replace(/\\(.)/g, '$1') : item));
}

function parseXml(callee: Identified, body: Buffer): XmlNode {
  if (body.length === 0) return {};
  try {
    return xmlReader.read(DOCUMENT_SENTINEL, body.toString('utf8'));
  } catch (error) {
    throw unreadableBody(callee, error instanceof Error ? error.message : 'not well-formed');
  }
}

function readMember(callee: Identified, member: Member, parent: XmlNode, path: Path): unknown {
  const node = childOf(parent, xmlName(member));
  return node === undefined ? undefined : readNode(callee, member, node, path);
}

function readNode(callee: Identified, target: Target, node: XmlNode, path: Path): unknown {
  const { shape } = target;
  switch (shape.kind) {
    case 'structure': {
      const out: Record<string, unknown> = {};
      if (Array.isArray(node)) throw wrongType(callee, path, 'a Structure', 'A list');
      for (const member of shape.members) {
        const value = readMember(callee, member, node, [...path, { kind: 'member', member }]);
        if (value !== undefined) out[member.name] = value;
      }
      return out;
    }
    case 'list':
      return readList(callee, shape, target, node, path);
    case 'map':
      return readMap(callee, shape, node, path);
    default:
      return scalar(callee, shape, node, path);
  }
}

function readList(callee: Identified, shape: ListShape, target: Target, node: XmlNode, path: Path): unknown[] {
  const isFlat = target.traits['xmlFlattened'] === 1;
  const items = isFlat ? node : childOf(node, textTrait(shape.element.traits, 'xmlName') ?? 'member');
  return repeated(items).map((item, index) =>
    readNode(callee, shape.element, item, [...path, { kind: 'index', index }]),
  );
}

function readMap(callee: Identified, shape: MapShape, node: XmlNode, path: Path): object {
  const pairs = repeated(childOf(node, 'entry')).map((entry) => {
    const key = childOf(entry, textTrait(shape.key.traits, 'xmlName') ?? 'key');
    const value = childOf(entry, textTrait(shape.value.traits, 'xmlName') ?? 'value');
    if (typeof key !== 'string') throw wrongType(callee, path, 'a Map', 'An entry without a key');
    return [key, readNode(callee, shape.value, value, [...path, { kind: 'key', key }])] as const;
  });
  return Object.fromEntries(pairs);
}

function scalar(callee: Identified, shape: ScalarShape, node: XmlNode, path: Path): unknown {
  if (typeof node !== 'string') throw wrongType(callee, path, typeName(shape.kind), 'A structure or list');
  const value = parseScalar(shape, node);
  if (value === undefined) throw wrongType(callee, path, typeName(shape.kind), node);
  return value;
}

function isScalar(shape: Shape): shape is ScalarShape {
  return shape.kind !== 'structure' && shape.kind !== 'list' && shape.kind !== 'map';
}

function childOf(node: XmlNode, name: string): XmlNode {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return undefined;
  return (node as Readonly<Record<string, unknown>>)[name];
}

function repeated(node: XmlNode): readonly XmlNode[] {
  if (node === undefined) return [];
  return Array.isArray(node) ? node : [node];
}
