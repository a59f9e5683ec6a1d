import { deleteBlob, getBlob, headBlob } from './blobs.ts';
import { ProtocolError } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { deleteManifest, getManifest, headManifest, putManifest } from './manifests.ts';
import { listReferrers } from './referrers.ts';
import type { Route } from './route.ts';
import { listTags } from './tags.ts';
import { cancelUpload, completeUpload, getUpload, patchUpload, startUpload } from './uploads.ts';

export type RepositoryRoute = Extract<Route, { name: string }>;

interface Endpoint {
  /** The ECR action that the same call of the API needs. */
  readonly action: string;
  readonly run: (exchange: Exchange) => Promise<void>;
}

/** @throws ProtocolError UNSUPPORTED */
export function endpointOf(route: RepositoryRoute, method: string): Endpoint {
  const endpoint = endpointsOf(route)[method];
  if (endpoint) return endpoint;
  throw new ProtocolError(405, 'UNSUPPORTED', `${method} is not supported here`);
}

function endpointsOf(route: RepositoryRoute): Readonly<Record<string, Endpoint | undefined>> {
  const on = (action: string, run: Endpoint['run']): Endpoint => ({ action: `ecr:${action}`, run });
  const { name } = route;
  switch (route.kind) {
    case 'tags':
      return { GET: on('ListImages', (x) => listTags(x, name)) };
    case 'referrers':
      // ListImageReferrers asks for this permission too.
      return { GET: on('BatchGetImage', (x) => listReferrers(x, name, route.subject)) };
    case 'manifest':
      return {
        GET: on('BatchGetImage', (x) => getManifest(x, name, route.reference)),
        HEAD: on('BatchGetImage', (x) => headManifest(x, name, route.reference)),
        PUT: on('PutImage', (x) => putManifest(x, name, route.reference)),
        DELETE: on('BatchDeleteImage', (x) => deleteManifest(x, name, route.reference)),
      };
    case 'blob':
      return {
        GET: on('GetDownloadUrlForLayer', (x) => getBlob(x, name, route.digest)),
        HEAD: on('BatchCheckLayerAvailability', (x) => headBlob(x, name, route.digest)),
        DELETE: on('BatchDeleteImage', (x) => deleteBlob(x, name, route.digest)),
      };
    case 'uploads':
      return { POST: on('InitiateLayerUpload', (x) => startUpload(x, name)) };
    default:
      return {
        GET: on('UploadLayerPart', (x) => getUpload(x, name, route.id)),
        PATCH: on('UploadLayerPart', (x) => patchUpload(x, name, route.id)),
        PUT: on('CompleteLayerUpload', (x) => completeUpload(x, name, route.id)),
        DELETE: on('UploadLayerPart', (x) => cancelUpload(x, name, route.id)),
      };
  }
}
