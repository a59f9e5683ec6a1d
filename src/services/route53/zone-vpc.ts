import type { VPC } from '@aws-sdk/client-route-53';
import type { Context } from '../../api/context.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { conflictingDomain, invalidInput, invalidVpc } from './errors.ts';
import type { HostedZoneRow, ZoneVpc } from './tables.ts';

/**
 * The VPC of a request. It is looked up where it is in the region of the call; a VPC of another region, which a service
 * cannot ask for, is taken at its word.
 */
export async function zoneVpcOf(ctx: Context, vpc: VPC): Promise<ZoneVpc> {
  const { VPCId: vpcId, VPCRegion: region } = vpc;
  if (!vpcId || !region) throw invalidInput('Invalid request: a VPC needs both VPCId and VPCRegion');
  const checked = { region, vpcId };
  if (region === ctx.region) {
    try {
      await ctx.call('ec2', 'DescribeVpcs', { VpcIds: [vpcId] });
    } catch (error) {
      throw error instanceof ServiceError && error.code.startsWith('InvalidVpc') ? invalidVpc(checked) : error;
    }
  }
  return checked;
}

/** A VPC sees at most one private zone of a name. @throws ConflictingDomainExists */
export function refuseConflict(
  zones: readonly HostedZoneRow[],
  zone: { readonly zoneId: string; readonly name: string },
  vpc: ZoneVpc,
): void {
  const taken = zones.find((other) => other.zoneId !== zone.zoneId && other.name === zone.name && hasVpc(other, vpc));
  if (taken) throw conflictingDomain(vpc, taken.zoneId);
}

export function hasVpc(zone: HostedZoneRow, vpc: ZoneVpc): boolean {
  return zone.vpcs.some((each) => each.vpcId === vpc.vpcId && each.region === vpc.region);
}
