import { isUtf8 } from 'node:buffer';
import { ServiceError } from '../kernel/errors.ts';
import { digestOf, isDigest } from './digest.ts';
import type { DigestAlgorithm } from './digest.ts';

/** The distribution specification's own advice, and ECR's quota. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

const IMAGE_TYPES = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
];
const INDEX_TYPES = [
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.index.v1+json',
];
/** Docker's first format, whose digest is not that of its bytes. */
const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\b/;
/** Layers that stay where their `urls` say: registries are not asked to hold them. */
const FOREIGN_LAYER =
  /^application\/vnd\.(docker\.image\.rootfs\.foreign\.diff|oci\.image\.layer\.nondistributable\.v1)\.tar/;

/** `type/subtype` of a JSON document, without parameters. */
const JSON_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,120}\+json$/i;
/** Where a manifest of a type of its own may name what it is made of: as images and the artifacts of OCI 1.1's drafts do. */
const BLOB_FIELDS = ['config', 'layers', 'blobs'];

/** A manifest that is well formed. Whether what it names exists is for the repository to say. */
export interface Manifest {
  readonly digest: string;
  readonly mediaType: string;
  /** Byte for byte as pushed. */
  readonly body: string;
  readonly sizeBytes: number;
  /** Config and layers that must be in the repository, each once; empty for an index. */
  readonly blobs: readonly string[];
  /** The images of an index, each once. */
  readonly manifests: readonly string[];
  readonly configMediaType?: string;
  readonly artifactType?: string;
  readonly subject?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Descriptor {
  readonly digest: string;
  readonly mediaType: string;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a Docker schema 2 manifest or list, an OCI image manifest (also of an artifact) or index, or a JSON manifest of
 * a type that nobody here knows.
 * @param mediaType what the client says it is: a Content-Type or PutImage's imageManifestMediaType
 * @throws ServiceError InvalidParameterException
 */
export function parseManifest(
  bytes: Uint8Array,
  mediaType: string | undefined,
  algorithm: DigestAlgorithm = 'sha256',
): Manifest {
  if (bytes.length > MAX_MANIFEST_BYTES) throw invalid(`The manifest must not exceed ${MAX_MANIFEST_BYTES} bytes`);
  if (!isUtf8(bytes)) throw invalid('Invalid JSON syntax');
  const body = Buffer.from(bytes).toString('utf8');
  const fields = parseFields(body);
  const type = typeOf(fields, mediaType);
  return {
    digest: digestOf(bytes, algorithm),
    mediaType: type,
    body,
    sizeBytes: bytes.length,
    ...(isKnownManifestType(type) ? knownContents(fields, type) : unknownContents(fields)),
  };
}

/** Whether the specification says how to read manifests of this type. */
export function isKnownManifestType(mediaType: string): boolean {
  return IMAGE_TYPES.includes(mediaType) || INDEX_TYPES.includes(mediaType);
}

type Contents = Omit<Manifest, 'digest' | 'mediaType' | 'body' | 'sizeBytes'>;

function knownContents(fields: Fields, type: string): Contents {
  if (fields['schemaVersion'] !== 2) throw invalid('Only manifests of schemaVersion 2 are supported');
  const isIndex = INDEX_TYPES.includes(type);
  const config = isIndex ? undefined : descriptor(fields['config'], 'config');
  const layers = isIndex ? [] : descriptors(fields['layers'], 'layers');
  const stored = layers.filter((layer) => !FOREIGN_LAYER.test(layer.mediaType));
  const subject = fields['subject'] ?? undefined;
  return {
    blobs: unique(config ? [config, ...stored] : []),
    manifests: unique(isIndex ? descriptors(fields['manifests'], 'manifests') : []),
    ...(config && { configMediaType: config.mediaType }),
    ...optional('artifactType', text(fields['artifactType'], 'artifactType')),
    ...optional('subject', subject === undefined ? undefined : descriptor(subject, 'subject').digest),
    ...optional('annotations', annotationsOf(fields['annotations'])),
  };
}

/** What looks like a descriptor is one: what it names must be there, and is kept. Nothing else is read into it. */
function unknownContents(fields: Fields): Contents {
  const named = (field: string) => [fields[field]].flat().filter(isDescriptor);
  const { artifactType, annotations } = fields;
  const isText = (value: unknown) => typeof value === 'string';
  return {
    blobs: unique(BLOB_FIELDS.flatMap(named).filter((blob) => !FOREIGN_LAYER.test(blob.mediaType))),
    manifests: unique(named('manifests')),
    ...optional('artifactType', isText(artifactType) && artifactType ? artifactType : undefined),
    ...optional('subject', named('subject')[0]?.digest),
    ...(isFields(annotations) &&
      Object.values(annotations).every(isText) && { annotations: annotationsOf(annotations) ?? {} }),
  };
}

function parseFields(body: string): Fields {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw invalid('Invalid JSON syntax');
  }
  if (!isFields(parsed)) throw invalid('The manifest must be a JSON object');
  return parsed;
}

function typeOf(fields: Fields, said: string | undefined): string {
  const inside = text(fields['mediaType'], 'mediaType');
  const outside = said === undefined || said === 'application/json' ? undefined : said;
  if (inside !== undefined && outside !== undefined && inside !== outside) {
    throw invalid(`The manifest's mediaType '${inside}' is not the '${outside}' that it was sent as`);
  }
  const type = inside ?? outside;
  if (type === undefined) throw invalid('The media type of the manifest must be given');
  if (!JSON_TYPE.test(type) || SCHEMA_1.test(type)) throw invalid(`Manifests of type '${type}' are not supported`);
  return type;
}

/** Go's encoders write an empty list as null. */
function descriptors(value: unknown, where: string): Descriptor[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw invalid(`'${where}' must be a list of descriptors`);
  return value.map((item, i) => descriptor(item, `${where}[${i}]`));
}

function descriptor(value: unknown, where: string): Descriptor {
  if (!isFields(value)) throw invalid(`'${where}' must be a descriptor`);
  const { digest, mediaType, size } = value;
  if (typeof digest !== 'string' || !isDigest(digest)) throw invalid(`'${where}.digest' is not a digest`);
  if (typeof mediaType !== 'string') throw invalid(`'${where}.mediaType' must be text`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw invalid(`'${where}.size' must be a number of bytes`);
  }
  return { digest, mediaType };
}

function isDescriptor(value: unknown): value is Descriptor {
  if (!isFields(value)) return false;
  const { digest, mediaType, size } = value;
  return typeof digest === 'string' && isDigest(digest) && typeof mediaType === 'string' && typeof size === 'number';
}

function annotationsOf(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isFields(value)) throw invalid("'annotations' must be a map of text");
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, text(item, `annotations.${key}`) ?? '']));
}

function text(value: unknown, where: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value || undefined;
  throw invalid(`'${where}' must be text`);
}

function unique(items: readonly Descriptor[]): string[] {
  return [...new Set(items.map((item) => item.digest))];
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(constraint: string): ServiceError {
  return new ServiceError(
    'InvalidParameterException',
    `Invalid parameter at 'ImageManifest' failed to satisfy constraint: '${constraint}'`,
  );
}
