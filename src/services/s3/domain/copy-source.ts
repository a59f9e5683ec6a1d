import { invalidArgument, notImplemented } from '../errors.ts';

export interface CopySource {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

/**
 * The header x-amz-copy-source: `/bucket/key?versionId=id`, percent-encoded.
 * @throws ServiceError InvalidArgument
 */
export function parseCopySource(text: string | undefined): CopySource {
  const [path = '', version] = (text ?? '').replace(/^\//, '').split('?versionId=');
  if (path.startsWith('arn:')) throw notImplemented('x-amz-copy-source of an access point');
  const decoded = decode(path);
  const slash = decoded?.indexOf('/') ?? -1;
  if (decoded === undefined || slash < 1 || slash === decoded.length - 1) {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      text ?? '',
    );
  }
  const found = { Bucket: decoded.slice(0, slash), Key: decoded.slice(slash + 1) };
  return version === undefined ? found : { ...found, VersionId: version };
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
