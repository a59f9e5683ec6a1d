import { type Architecture, type ImageRecord, imagesOf } from './domain/machine-images.ts';
import { imageNotFound, malformedImageId } from './errors.ts';
import type { Ec2Context } from './operation.ts';

export function hostImages(ctx: Ec2Context): readonly ImageRecord[] {
  return imagesOf(ctx.region, architectureOf(ctx));
}

export function architectureOf({ ports }: Pick<Ec2Context, 'ports'>): Architecture {
  return ports.instances?.architecture ?? 'x86_64';
}

/** Throws InvalidAMIID.Malformed or NotFound. */
export function requireImages(ctx: Ec2Context, ids: readonly string[]): readonly ImageRecord[] {
  const bad = ids.find((id) => !/^ami-[0-9a-f]{8,17}$/.test(id));
  if (bad !== undefined) throw malformedImageId(bad);
  const images = hostImages(ctx).filter((image) => ids.includes(image.id));
  const missing = ids.filter((id) => !images.some((image) => image.id === id));
  if (missing.length > 0) throw imageNotFound(missing);
  return images;
}

export function requireImage(ctx: Ec2Context, id: string): ImageRecord {
  const [image] = requireImages(ctx, [id]);
  if (!image) throw imageNotFound([id]);
  return image;
}
