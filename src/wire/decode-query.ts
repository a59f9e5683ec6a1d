import { isRequestParameter, type Form } from './form.ts';
import type { Identified } from './identified.ts';
import { ec2Name, textTrait, xmlName, type Path } from './member-path.ts';
import { unknownParameter, wrongType } from './refusals.ts';
import { parseScalar, typeName } from './scalar-text.ts';
import type { ListShape, MapShape, Shape, StructureShape, Target } from './schema.ts';

/**
 * A form as the operation's input. Names are paths: `Listeners.member.1.Port` (awsQuery), `Filter.1.Value.2` (ec2Query,
 * where lists are always flat), `Tags.entry.1.key` (maps). `Name=` is an empty list.
 * @throws ServiceError for a text that is no number, date and so on, and for a parameter that EC2 does not know
 */
export function decodeQuery(callee: Identified, form: Form): object {
  const { root, leaves } = toTree(form);
  const walk = new QueryWalk(callee);
  const input = callee.operation.input ? walk.structure(callee.operation.input, root, []) : {};
  const strange = callee.protocol === 'ec2Query' ? leaves.find((node) => !node.read) : undefined;
  if (strange?.leaf) throw unknownParameter(strange.leaf.name);
  return input;
}

interface FormNode {
  /** The parameter's full name, and its value, where one ends here. */
  leaf?: { readonly name: string; readonly value: string };
  read: boolean;
  readonly children: Map<string, FormNode>;
}

function toTree(form: Form): { root: FormNode; leaves: readonly FormNode[] } {
  const root = newNode();
  const leaves: FormNode[] = [];
  for (const [name, value] of form) {
    if (isRequestParameter(name)) continue;
    let node = root;
    for (const part of name.split('.')) {
      let child = node.children.get(part);
      if (!child) node.children.set(part, (child = newNode()));
      node = child;
    }
    node.leaf = { name, value };
    leaves.push(node);
  }
  return { root, leaves };
}

function newNode(): FormNode {
  return { read: false, children: new Map() };
}

/** Reads one form by one operation's shapes, and marks what it read. */
class QueryWalk {
  readonly #callee: Identified;
  readonly #isEc2: boolean;

  constructor(callee: Identified) {
    this.#callee = callee;
    this.#isEc2 = callee.protocol === 'ec2Query';
  }

  structure(shape: StructureShape, node: FormNode, path: Path): object {
    node.read = true;
    const out: Record<string, unknown> = {};
    for (const member of shape.members) {
      const child = node.children.get(this.#isEc2 ? ec2Name(member) : xmlName(member));
      if (child) out[member.name] = this.#target(member, child, [...path, { kind: 'member', member }]);
    }
    return out;
  }

  #target(target: Target, node: FormNode, path: Path): unknown {
    const { shape } = target;
    switch (shape.kind) {
      case 'structure':
        return this.structure(shape, node, path);
      case 'list':
        return this.#list(shape, target, node, path);
      case 'map':
        return this.#map(shape, target, node, path);
      default:
        return this.#scalar(shape, node, path);
    }
  }

  #scalar(shape: Exclude<Shape, StructureShape | ListShape | MapShape>, node: FormNode, path: Path): unknown {
    if (!node.leaf) throw wrongType(this.#callee, path, typeName(shape.kind), 'A structure or list');
    node.read = true;
    const value = parseScalar(shape, node.leaf.value);
    if (value === undefined) throw wrongType(this.#callee, path, typeName(shape.kind), node.leaf.value);
    return value;
  }

  #list(shape: ListShape, target: Target, node: FormNode, path: Path): readonly unknown[] {
    if (node.leaf) this.#emptyOnly(node, path, 'a List');
    const isFlat = this.#isEc2 || target.traits['xmlFlattened'] === 1;
    const items = isFlat ? node : node.children.get(textTrait(shape.element.traits, 'xmlName') ?? 'member');
    if (!items) {
      const [stray] = node.children.keys();
      if (stray !== undefined) throw wrongType(this.#callee, path, 'a List', stray);
      return [];
    }
    return this.#numbered(items).map(([, item], index) =>
      this.#target(shape.element, item, [...path, { kind: 'index', index }]),
    );
  }

  #map(shape: MapShape, target: Target, node: FormNode, path: Path): object {
    if (node.leaf) this.#emptyOnly(node, path, 'a Map');
    const entries = target.traits['xmlFlattened'] === 1 ? node : node.children.get('entry');
    if (!entries) return {};
    const pairs = this.#numbered(entries).map(([, entry]) => {
      const key = entry.children.get(textTrait(shape.key.traits, 'xmlName') ?? 'key');
      const value = entry.children.get(textTrait(shape.value.traits, 'xmlName') ?? 'value');
      if (!key?.leaf || !value) throw wrongType(this.#callee, path, 'a Map', 'An entry without a key and a value');
      key.read = true;
      const name = key.leaf.value;
      return [name, this.#target(shape.value, value, [...path, { kind: 'key', key: name }])] as const;
    });
    return Object.fromEntries(pairs);
  }

  /** `Name=` says that a list or map is empty; any other text is not a list. */
  #emptyOnly(node: FormNode, path: Path, expected: string): void {
    node.read = true;
    if (node.leaf?.value) throw wrongType(this.#callee, path, expected, node.leaf.value);
  }

  /** Numbers may have gaps; they only give the order. */
  #numbered(node: FormNode): readonly (readonly [number, FormNode])[] {
    return [...node.children]
      .filter(([name]) => /^\d+$/.test(name))
      .map(([name, child]) => [Number(name), child] as const)
      .sort(([a], [b]) => a - b);
  }
}
