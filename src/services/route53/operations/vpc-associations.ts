import { lastVpcAssociation, limitsExceeded, publicZoneVpc, vpcAssociationNotFound } from '../errors.ts';
import { ZONE_LIMITS } from '../limits.ts';
import { hostedZoneOf } from '../lookup.ts';
import { seesVpc, vpcCondition } from '../authorization.ts';
import { operation, zoneArn } from '../operation.ts';
import { hostedZones } from '../tables.ts';
import { changeView } from '../views.ts';
import { noteChange } from '../zone-change.ts';
import { hasVpc, refuseConflict, zoneVpcOf } from '../zone-vpc.ts';

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_AssociateVPCWithHostedZone.html */
export const AssociateVPCWithHostedZone = operation('AssociateVPCWithHostedZone', {
  resources: (input) => [zoneArn(input.HostedZoneId)],
  conditions: ({ VPC }) => vpcCondition(VPC),
  also: ({ VPC }) => seesVpc(VPC),
  handle: async (ctx, input) => {
    const vpc = await zoneVpcOf(ctx, input.VPC ?? {});
    const change = await ctx.write(async (tx) => {
      const zone = await hostedZoneOf(tx, ctx.account, input.HostedZoneId);
      if (!zone.isPrivate) throw publicZoneVpc();
      refuseConflict(await tx.list(hostedZones, { where: ['account', ctx.account] }), zone, vpc);
      if (zone.vpcs.length >= ZONE_LIMITS.MAX_VPCS_ASSOCIATED_BY_ZONE) throw limitsExceeded('VPCs');
      if (!hasVpc(zone, vpc)) await tx.put(hostedZones, { ...zone, vpcs: [...zone.vpcs, vpc] });
      return noteChange(tx, ctx, input.Comment);
    });
    return { ChangeInfo: changeView(change, 'PENDING') };
  },
});

/** A private zone keeps at least one VPC. */
export const DisassociateVPCFromHostedZone = operation('DisassociateVPCFromHostedZone', {
  resources: (input) => [zoneArn(input.HostedZoneId)],
  conditions: ({ VPC }) => vpcCondition(VPC),
  also: ({ VPC }) => seesVpc(VPC),
  handle: async (ctx, input) => {
    const vpc = { region: input.VPC?.VPCRegion ?? '', vpcId: input.VPC?.VPCId ?? '' };
    const change = await ctx.write(async (tx) => {
      const zone = await hostedZoneOf(tx, ctx.account, input.HostedZoneId);
      if (!hasVpc(zone, vpc)) throw vpcAssociationNotFound(vpc, zone.zoneId);
      if (zone.vpcs.length === 1) throw lastVpcAssociation();
      const vpcs = zone.vpcs.filter((each) => each.vpcId !== vpc.vpcId || each.region !== vpc.region);
      await tx.put(hostedZones, { ...zone, vpcs });
      return noteChange(tx, ctx, input.Comment);
    });
    return { ChangeInfo: changeView(change, 'PENDING') };
  },
});
