import { createHash } from 'node:crypto';
import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import type { ECRClient } from '@aws-sdk/client-ecr';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** An image whose blobs this process has: its config first. */
export interface MadeImage {
  readonly digest: string;
  readonly manifest: string;
  readonly blobs: readonly Buffer[];
}

/** The distribution protocol by hand, for what no client does at a given moment. */
export class RegistryPusher {
  readonly endpoint: string;
  readonly authorization: string;

  private constructor(endpoint: string, authorization: string) {
    this.endpoint = endpoint;
    this.authorization = authorization;
  }

  static async open(endpoint: string, ecr: ECRClient): Promise<RegistryPusher> {
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    return new RegistryPusher(endpoint, `Basic ${authorizationData?.[0]?.authorizationToken}`);
  }

  send(
    method: string,
    path: string,
    options: { headers?: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> } = {},
  ) {
    const { headers, body } = options;
    return fetch(new URL(path, this.endpoint), {
      method,
      headers: { authorization: this.authorization, ...headers },
      ...(body !== undefined && { body }),
    });
  }

  /** As docker does: asks first, then POST, PATCH, PUT. Answers whether bytes were sent. */
  async pushBlob(name: string, blob: Buffer): Promise<boolean> {
    const digest = digestOf(blob);
    if ((await this.send('HEAD', `/v2/${name}/blobs/${digest}`)).status === 200) return false;
    const begun = await this.send('POST', `/v2/${name}/blobs/uploads/`);
    expect(begun, 202, await begun.text());
    const sent = await this.send('PATCH', begun.headers.get('location') ?? '', { body: new Uint8Array(blob) });
    expect(sent, 202, await sent.text());
    const whole = await this.send('PUT', `${sent.headers.get('location')}?digest=${digest}`);
    expect(whole, 201, await whole.text());
    return true;
  }

  /** Resolves when the image is acknowledged. */
  async pushImage(name: string, tag: string, image: MadeImage): Promise<void> {
    await Promise.all(image.blobs.map((blob) => this.pushBlob(name, blob)));
    const headers = { 'content-type': MANIFEST };
    const put = await this.send('PUT', `/v2/${name}/manifests/${tag}`, { headers, body: image.manifest });
    expect(put, 201, await put.text());
  }

  /** Pulls all of an image and checks every byte. Answers its digest. */
  async pullImage(name: string, reference: string): Promise<string> {
    const found = await this.send('GET', `/v2/${name}/manifests/${reference}`, { headers: { accept: MANIFEST } });
    const text = await found.text();
    expect(found, 200, `${name}:${reference} ${text}`);
    const digest = digestOf(text);
    if (found.headers.get('docker-content-digest') !== digest) throw new Error(`${name}:${reference} is not ${digest}`);
    const { config, layers } = JSON.parse(text);
    for (const blob of [config, ...layers]) {
      const answer = await this.send('GET', `/v2/${name}/blobs/${blob.digest}`);
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect(answer, 200, `${name}:${reference} ${blob.digest} ${bytes.toString('latin1', 0, 200)}`);
      if (digestOf(bytes) !== blob.digest || bytes.length !== blob.size) {
        throw new Error(`${name}:${reference} has a damaged layer ${blob.digest}`);
      }
    }
    return digest;
  }

  async tags(name: string): Promise<readonly string[]> {
    const answer = await this.send('GET', `/v2/${name}/tags/list`);
    expect(answer, 200, name);
    return ((await answer.json()) as { tags: string[] | null }).tags ?? [];
  }
}

export function imageOf(config: Buffer, layers: readonly Buffer[]): MadeImage {
  const describe = (mediaType: string, blob: Buffer) => ({ mediaType, digest: digestOf(blob), size: blob.length });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: describe('application/vnd.oci.image.config.v1+json', config),
    layers: layers.map((layer) => describe('application/vnd.oci.image.layer.v1.tar+gzip', layer)),
  });
  return { digest: digestOf(manifest), manifest, blobs: [config, ...layers] };
}

export function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function expect(answer: Response, status: number, body: string): void {
  if (answer.status !== status) throw new Error(`${answer.url} answered ${answer.status}, not ${status}: ${body}`);
}
