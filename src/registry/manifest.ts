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
/** Layers that stay where their `urls` say: registries are not asked to hold them. */
const FOREIGN_LAYER =
  /^application\/vnd\.(docker\.image\.rootfs\.foreign\.diff|oci\.image\.layer\.nondistributable\.v1)\.tar/;

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
 * Reads a Docker schema 2 manifest or list, or an OCI image manifest (also of an artifact) or index.
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
  if (fields['schemaVersion'] !== 2) throw invalid('Only manifests of schemaVersion 2 are supported');
  const type = typeOf(fields, mediaType);
  const isIndex = INDEX_TYPES.includes(type);
  const config = isIndex ? undefined : descriptor(fields['config'], 'config');
  const layers = isIndex ? [] : descriptors(fields['layers'], 'layers');
  const stored = layers.filter((layer) => !FOREIGN_LAYER.test(layer.mediaType));
  const subject = fields['subject'] === undefined ? undefined : descriptor(fields['subject'], 'subject').digest;
  return {
    digest: digestOf(bytes, algorithm),
    mediaType: type,
    body,
    sizeBytes: bytes.length,
    blobs: unique(config ? [config, ...stored] : []),
    manifests: unique(isIndex ? descriptors(fields['manifests'], 'manifests') : []),
    ...(config && { configMediaType: config.mediaType }),
    ...optional('artifactType', text(fields['artifactType'], 'artifactType')),
    ...optional('subject', subject),
    ...optional('annotations', annotationsOf(fields['annotations'])),
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
  if (![...IMAGE_TYPES, ...INDEX_TYPES].includes(type)) throw invalid(`Manifests of type '${type}' are not supported`);
  return type;
}

function descriptors(value: unknown, where: string): Descriptor[] {
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
