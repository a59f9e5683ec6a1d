import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const MB = 1_000_000;

/** What an image weighs: so many layers, each of so many MB of 10^6 bytes. */
export interface Layers {
  readonly count: number;
  readonly mb: number;
}

/**
 * Writes an image as skopeo's `dir:` reads it. Its layers are of random bytes, so no registry has any of them yet, and
 * compressed already, so that skopeo sends them as they are.
 */
export async function writeImage(folder: string, { count, mb }: Layers): Promise<void> {
  await mkdir(folder, { recursive: true });
  const layers = [];
  for (let i = 0; i < count; i++) {
    const layer = gzipSync(randomBytes(mb * MB), { level: 0 });
    layers.push(await writeBlob(folder, 'application/vnd.oci.image.layer.v1.tar+gzip', layer));
  }
  const settings = { architecture: 'amd64', os: 'linux', config: {} };
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) };
  const config = Buffer.from(JSON.stringify({ ...settings, rootfs }));
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: await writeBlob(folder, 'application/vnd.oci.image.config.v1+json', config),
    layers,
  };
  await writeFile(join(folder, 'version'), 'Directory Transport Version: 1.1\n');
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function writeBlob(folder: string, mediaType: string, bytes: Buffer) {
  const hex = sha256Of(bytes);
  await writeFile(join(folder, hex), bytes);
  return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
}
