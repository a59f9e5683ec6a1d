interface Descriptor {
  readonly digest?: string;
  readonly mediaType?: string;
}

/** What an image's manifest calls its config or one of its layers. */
export function layerMediaType(manifest: string, digest: string): string | undefined {
  const { config, layers = [] }: { config?: Descriptor; layers?: readonly Descriptor[] } = JSON.parse(manifest);
  return [config, ...layers].find((each) => each?.digest === digest)?.mediaType;
}
