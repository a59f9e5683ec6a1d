import { REQUIRED_RECORD_SETS } from './create-hosted-zone.ts';
import { hostedZoneNotEmpty } from '../errors.ts';
import { hostedZoneOf, refuseLinked } from '../lookup.ts';
import { operation, zoneArn } from '../operation.ts';
import { hostedZones, recordSetKey, recordSets, zoneKey } from '../tables.ts';
import { changeView, hostedZoneView, vpcView } from '../views.ts';
import { noteChange } from '../zone-change.ts';

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html */
export const GetHostedZone = operation('GetHostedZone', {
  resources: (input) => [zoneArn(input.Id)],
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => hostedZoneOf(tx, ctx.account, input.Id));
    return {
      HostedZone: hostedZoneView(row),
      ...(row.isPrivate ? { VPCs: row.vpcs.map(vpcView) } : { DelegationSet: { NameServers: [...row.nameServers] } }),
    };
  },
});

export const GetHostedZoneCount = operation('GetHostedZoneCount', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx) => {
    const rows = await ctx.read((tx) => tx.list(hostedZones, { where: ['account', ctx.account] }));
    return { HostedZoneCount: rows.length };
  },
});

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_DeleteHostedZone.html; only SOA and NS may be left. */
export const DeleteHostedZone = operation('DeleteHostedZone', {
  resources: (input) => [zoneArn(input.Id)],
  handle: async (ctx, input) => {
    const change = await ctx.write(async (tx) => {
      const zone = await hostedZoneOf(tx, ctx.account, input.Id);
      refuseLinked(zone, ctx.principal);
      if (zone.recordSetCount > REQUIRED_RECORD_SETS) throw hostedZoneNotEmpty();
      for (const set of await tx.list(recordSets, { prefix: `${zoneKey(zone)}/` })) {
        await tx.delete(recordSets, recordSetKey(set));
      }
      await tx.delete(hostedZones, zoneKey(zone));
      return noteChange(tx, ctx);
    });
    return { ChangeInfo: changeView(change, 'PENDING') };
  },
});

/** Without a comment in the request, the zone loses the one it has. */
export const UpdateHostedZoneComment = operation('UpdateHostedZoneComment', {
  resources: (input) => [zoneArn(input.Id)],
  handle: async (ctx, input) => {
    const row = await ctx.write(async (tx) => {
      const { comment: _, ...zone } = await hostedZoneOf(tx, ctx.account, input.Id);
      return tx.put(hostedZones, input.Comment === undefined ? zone : { ...zone, comment: input.Comment });
    });
    return { HostedZone: hostedZoneView(row) };
  },
});
