interface Descriptor {
  readonly digest: string;
  readonly mediaType: string;
}

/**
 * What a manifest calls its config or one of its layers or blobs. One of a type of its own may have anything in their
 * place, and Go's encoders write an empty list as null.
 */
export function layerMediaType(manifest: string, digest: string): string | undefined {
  const { config, layers, blobs }: Readonly<Record<string, unknown>> = JSON.parse(manifest);
  const described = [config, layers, blobs].flat().filter(isDescriptor);
  return described.find((each) => each.digest === digest)?.mediaType;
}

function isDescriptor(value: unknown): value is Descriptor {
  if (typeof value !== 'object' || value === null) return false;
  const { digest, mediaType }: { digest?: unknown; mediaType?: unknown } = value;
  return typeof digest === 'string' && typeof mediaType === 'string';
}
