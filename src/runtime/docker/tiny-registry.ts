import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';

const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

/**
 * A registry for tests that holds one image, `private:1` of one layer, behind Basic authentication.
 * @param tar the layer; empty where it is left out
 */
export function tinyRegistry(
  username: string,
  password: string,
  tar: Buffer = Buffer.alloc(1024),
): { server: Server; digest: string } {
  const layer = gzipSync(tar);
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      // Unlike any other image, so that its removal removes nothing else.
      comment: password,
      rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    }),
  );
  const describe = (mediaType: string, bytes: Buffer) => ({ mediaType, size: bytes.length, digest: digestOf(bytes) });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: describe('application/vnd.docker.container.image.v1+json', config),
      layers: [describe('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)],
    }),
  );
  const digest = digestOf(manifest);
  const paths = new Map([
    ['/v2/', Buffer.from('{}')],
    ['/v2/private/manifests/1', manifest],
    [`/v2/private/manifests/${digest}`, manifest],
    [`/v2/private/blobs/${digestOf(config)}`, config],
    [`/v2/private/blobs/${digestOf(layer)}`, layer],
  ]);
  const wanted = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    const body = paths.get(request.url ?? '');
    if (request.headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="tiny"' }).end();
    } else if (body) {
      const type = body === manifest ? MANIFEST_TYPE : 'application/octet-stream';
      const headers = { 'content-type': type, 'content-length': body.length, 'docker-content-digest': digestOf(body) };
      response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : body);
    } else {
      const errors = [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }];
      response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }));
    }
  });
  return { server, digest };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
