import { textTrait, xmlName } from './member-path.ts';
import { formatDateTime } from './scalar-text.ts';
import type { ListShape, MapShape, Member, ScalarShape, StructureShape, Target } from './schema.ts';

export interface XmlStyle {
  /** EC2 writes `.000Z` on whole seconds, the others `Z`. */
  readonly keepMilliseconds: boolean;
}

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** `<name attributes>content</name>`; `attributes` is written as given. */
export function element(name: string, content: string, attributes = ''): string {
  return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
}

export function xmlnsAttribute(namespace: string | undefined): string {
  return namespace === undefined ? '' : ` xmlns="${namespace}"`;
}

/** Text content: markup escaped, and what XML 1.0 cannot hold (control characters, lone surrogates) left out. */
export function xmlText(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[&<>"\r]/g, (char) => ESCAPES[char] ?? char);
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

/** The members of a structure as elements, in the model's order; absent members are left out, empty lists are kept. */
export function xmlMembers(members: readonly Member[], value: object, style: XmlStyle): string {
  const record = value as Readonly<Record<string, unknown>>;
  return members
    .filter((member) => member.traits['xmlAttribute'] === undefined)
    .map((member) => {
      const given = record[member.name];
      return given === undefined || given === null ? '' : xmlElement(xmlName(member), member, given, style);
    })
    .join('');
}

export function xmlStructure(shape: StructureShape, value: unknown, style: XmlStyle): string {
  return typeof value === 'object' && value !== null ? xmlMembers(shape.members, value, style) : '';
}

function xmlElement(name: string, target: Target, value: unknown, style: XmlStyle): string {
  const { shape } = target;
  const isFlat = target.traits['xmlFlattened'] === 1;
  switch (shape.kind) {
    case 'structure':
      return element(name, xmlStructure(shape, value, style), xmlAttributes(shape, target, value));
    case 'list':
      return isFlat
        ? xmlItems(name, shape, value, style)
        : element(name, xmlItems(textTrait(shape.element.traits, 'xmlName') ?? 'member', shape, value, style));
    case 'map':
      return isFlat ? xmlEntries(name, shape, value, style) : element(name, xmlEntries('entry', shape, value, style));
    default:
      return element(name, xmlText(scalarText(shape, value, style)));
  }
}

/** The namespace that the pointing member declares, and the members that are attributes. */
function xmlAttributes(shape: StructureShape, target: Target, value: unknown): string {
  const [prefix, uri] = Array.isArray(target.traits['xmlNamespace']) ? target.traits['xmlNamespace'] : [];
  const namespace = prefix === undefined ? '' : ` xmlns:${prefix}="${uri}"`;
  const attributes = shape.members
    .filter((member) => member.traits['xmlAttribute'] !== undefined)
    .map((member) => [xmlName(member), (value as Readonly<Record<string, unknown>>)[member.name]] as const)
    .filter(([, text]) => text !== undefined && text !== null)
    .map(([name, text]) => ` ${name}="${xmlText(String(text))}"`);
  return namespace + attributes.join('');
}

function xmlItems(name: string, shape: ListShape, value: unknown, style: XmlStyle): string {
  if (!Array.isArray(value)) return '';
  return value
    .filter((item) => item !== undefined && item !== null)
    .map((item: unknown) => xmlElement(name, shape.element, item, style))
    .join('');
}

function xmlEntries(name: string, shape: MapShape, value: unknown, style: XmlStyle): string {
  const keyName = textTrait(shape.key.traits, 'xmlName') ?? 'key';
  const valueName = textTrait(shape.value.traits, 'xmlName') ?? 'value';
  return Object.entries(value as object)
    .filter(([, item]) => item !== undefined && item !== null)
    .map(([key, item]: [string, unknown]) =>
      element(name, element(keyName, xmlText(key)) + xmlElement(valueName, shape.value, item, style)),
    )
    .join('');
}

/** A scalar as text in XML and in headers. */
export function scalarText(shape: ScalarShape, value: unknown, style: XmlStyle): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (!(value instanceof Date)) return String(value);
  if (shape.timestampFormat === 'http-date') return value.toUTCString();
  if (shape.timestampFormat === 'epoch-seconds') return String(value.getTime() / 1000);
  return formatDateTime(value, style.keepMilliseconds);
}
