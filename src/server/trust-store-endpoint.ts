import { plain } from '../gateway/http-server.ts';
import type { HttpRoutes } from '../gateway/http-server.ts';
import type { Clock } from '../kernel/clock.ts';
import { TRUST_STORE_FILES_PATH } from '../services/elbv2/index.ts';
import type { TrustStoreFiles } from '../services/elbv2/index.ts';
import type { Store } from '../store/store.ts';
import { splitTarget } from '../wire/raw-request.ts';

/** `GET /_longshore/trust-stores/TOKEN`: a file of a trust store, as PEM. Its path is what lets one in. */
export function trustStoreEndpoint(files: TrustStoreFiles, store: Store, clock: Clock): HttpRoutes['own'] {
  return async ({ method, rawUrl }) => {
    const { path } = splitTarget(rawUrl);
    if (!path.startsWith(TRUST_STORE_FILES_PATH)) return undefined;
    if (method !== 'GET') return plain(405, 'The specified method is not allowed against this resource.\n');
    const found = await files.read(store, path, clock.now());
    if (found === 'expired') return plain(403, 'Request has expired\n');
    if (!found) return plain(403, 'Access Denied\n');
    return { status: 200, headers: { 'Content-Type': 'application/x-pem-file' }, body: Buffer.from(found.pem) };
  };
}
