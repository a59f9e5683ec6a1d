import type { CreateNetworkInterfaceRequest } from '@aws-sdk/client-ec2';
import type { Principal } from '../../../api/context.ts';
import type { Ids } from '../../../kernel/ids.ts';
import { invalidParameterCombination, unsupportedParameter, unsupportedValue } from '../errors.ts';
import type { NetworkInterfaceRow } from '../tables.ts';
import { newId } from './resource-kind.ts';
import { LOAD_BALANCING, serviceAlias, serviceOf } from './requester.ts';

/** The private address a caller asks for, by either of two members; undefined for any. */
export function wantedAddress(input: CreateNetworkInterfaceRequest): string | undefined {
  const listed = input.PrivateIpAddresses ?? [];
  if (listed.some((one) => one.Primary !== true)) throw unsupportedParameter('PrivateIpAddresses (secondary)');
  if (listed.length > 1 || (listed.length > 0 && input.PrivateIpAddress !== undefined)) {
    throw invalidParameterCombination('Only one primary private IP address can be specified.');
  }
  return input.PrivateIpAddress ?? listed[0]?.PrivateIpAddress;
}

/** EC2 has no creation type for plain interfaces but also takes none; trunks, branches and EFAs are not built. */
export function checkInterfaceType(type: string | undefined): void {
  if (type !== undefined && type !== 'interface') {
    throw unsupportedValue(type, 'InterfaceType', 'Leave it out for a plain interface.');
  }
}

/** Whose interface it is; a service's is attached at once. */
export function ownershipOf(
  principal: Principal,
  ids: Ids,
  now: number,
): Pick<NetworkInterfaceRow, 'requesterId' | 'managedBy' | 'attachment'> {
  const service = serviceOf(principal);
  if (service === undefined) return { requesterId: principal.userId };
  const alias = serviceAlias(service);
  return {
    requesterId: alias,
    managedBy: service,
    attachment: {
      attachmentId: newId(service === LOAD_BALANCING ? 'ela-attach' : 'eni-attach', ids),
      instanceOwnerId: alias,
      deviceIndex: 1,
      attachedAt: now,
    },
  };
}

/** A locally administered unicast address, `0a:` and five random bytes. */
export function newMacAddress(ids: Ids): string {
  return ['0a', ...Array.from({ length: 5 }, () => ids.hex(2))].join(':');
}
