import { RuntimeError, ServiceError } from '../../kernel/errors.ts';
import { StorageFull } from '../blob-store.ts';

/** How the distribution protocol says that something went wrong. */
export interface WireError {
  readonly status: number;
  /** One of the specification's codes. */
  readonly code: string;
  readonly message: string;
}

/** The registry speaks of failures as ECR's API does: what they are called here. */
const CODES: Readonly<Record<string, readonly [status: number, code: string]>> = {
  RepositoryNotFoundException: [404, 'NAME_UNKNOWN'],
  ImageNotFoundException: [404, 'MANIFEST_UNKNOWN'],
  ImageReferencedByManifestList: [405, 'UNSUPPORTED'],
  ImageTagAlreadyExistsException: [400, 'TAG_INVALID'],
  ImageDigestDoesNotMatchException: [400, 'MANIFEST_INVALID'],
  InvalidParameterException: [400, 'MANIFEST_INVALID'],
  LayersNotFoundException: [400, 'MANIFEST_BLOB_UNKNOWN'],
  ReferencedImagesNotFoundException: [400, 'MANIFEST_BLOB_UNKNOWN'],
  InvalidLayerException: [400, 'DIGEST_INVALID'],
  InvalidLayerPartException: [416, 'BLOB_UPLOAD_INVALID'],
  UnableToGetUpstreamImageException: [404, 'MANIFEST_UNKNOWN'],
  UploadInUse: [409, 'BLOB_UPLOAD_INVALID'],
  UploadNotFoundException: [404, 'BLOB_UPLOAD_UNKNOWN'],
};

/** A failure that only this protocol knows. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Undefined for what no client can act on: a bug, to be logged whole. */
export function wireError(error: unknown): WireError | undefined {
  if (error instanceof ProtocolError) return { status: error.status, code: error.code, message: error.message };
  if (error instanceof ServiceError) {
    const known = CODES[error.code];
    return known && { status: known[0], code: known[1], message: error.message };
  }
  if (error instanceof StorageFull) return { status: 507, code: 'UNKNOWN', message: error.message };
  if (error instanceof RuntimeError) return { status: 503, code: 'UNAVAILABLE', message: error.message };
  return undefined;
}
