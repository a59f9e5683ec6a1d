import { isIPv4 } from 'node:net';

const PREFIXED = /^data-(\d+\.\d+\.\d+\.\d+)$/;

/**
 * The address in `data-169.254.170.2`. SDKs put `data-` before the host of any endpoint they are given, addresses too,
 * for the operations that AWS serves at hosts of their own (Cloud Map's DiscoverInstances): here all are at one.
 */
export function prefixedAddress(name: string): string | undefined {
  const address = PREFIXED.exec(name)?.[1];
  return address !== undefined && isIPv4(address) ? address : undefined;
}
