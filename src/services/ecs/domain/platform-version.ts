import { ServiceError } from '../../../kernel/errors.ts';

export const LATEST_PLATFORM = '1.4.0';

/** Those that Fargate still runs; what they do here is the same. */
const VERSIONS = ['1.3.0', LATEST_PLATFORM];

/**
 * `LATEST`, or nothing, is the newest.
 * @throws PlatformUnknownException
 */
export function platformVersionOf(wanted: string | undefined): string {
  if (!wanted || wanted === 'LATEST') return LATEST_PLATFORM;
  if (VERSIONS.includes(wanted)) return wanted;
  throw new ServiceError('PlatformUnknownException', 'The specified platform does not exist.');
}
