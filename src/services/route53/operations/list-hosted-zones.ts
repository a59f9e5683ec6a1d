import { ServiceError } from '../../../kernel/errors.ts';
import { paginate } from '../../../kernel/pages.ts';
import { seesVpc, vpcCondition } from '../authorization.ts';
import { canonicalName, reversedName } from '../domain/dns-name.ts';
import { invalidInput, noSuchDelegationSet } from '../errors.ts';
import { bareId, operation } from '../operation.ts';
import { hostedZones, type HostedZoneRow } from '../tables.ts';
import { hostedZoneView } from '../views.ts';
import { hasVpc, zoneVpcOf } from '../zone-vpc.ts';

const MAX_ITEMS = 100;

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZones.html; a marker is the first zone's id. */
export const ListHostedZones = operation('ListHostedZones', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    if (input.DelegationSetId !== undefined) throw noSuchDelegationSet(input.DelegationSetId);
    const limit = checkedLimit(input.MaxItems);
    const rows = await ctx.read((tx) => tx.list(hostedZones, { where: ['account', ctx.account] }));
    const matching = rows.filter(
      (row) => row.zoneId >= bareId(input.Marker) && (input.HostedZoneType !== 'PrivateHostedZone' || row.isPrivate),
    );
    const next = matching[limit];
    return {
      HostedZones: matching.slice(0, limit).map(hostedZoneView),
      Marker: input.Marker,
      IsTruncated: next !== undefined,
      ...(next && { NextMarker: next.zoneId }),
      MaxItems: limit,
    };
  },
});

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html */
export const ListHostedZonesByName = operation('ListHostedZonesByName', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    if (input.HostedZoneId !== undefined && input.DNSName === undefined) {
      throw invalidInput('Invalid request: HostedZoneId needs a DNSName');
    }
    const limit = checkedLimit(input.MaxItems);
    const start =
      input.DNSName === undefined ? '' : `${reversedName(canonicalName(input.DNSName))} ${bareId(input.HostedZoneId)}`;
    const rows = await ctx.read((tx) => tx.list(hostedZones, { where: ['account', ctx.account] }));
    const sorted = rows
      .toSorted((a, b) => (nameOrder(a) < nameOrder(b) ? -1 : 1))
      .filter((row) => nameOrder(row) >= start);
    const next = sorted[limit];
    return {
      HostedZones: sorted.slice(0, limit).map(hostedZoneView),
      ...(input.DNSName !== undefined && { DNSName: input.DNSName }),
      ...(input.HostedZoneId !== undefined && { HostedZoneId: input.HostedZoneId }),
      IsTruncated: next !== undefined,
      ...(next && { NextDNSName: next.name, NextHostedZoneId: next.zoneId }),
      MaxItems: limit,
    };
  },
});

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByVPC.html */
export const ListHostedZonesByVPC = operation('ListHostedZonesByVPC', {
  resources: () => ['*'],
  conditions: ({ VPCId, VPCRegion }) => vpcCondition({ VPCId, VPCRegion }),
  also: ({ VPCId, VPCRegion }) => seesVpc({ VPCId, VPCRegion }),
  readOnly: true,
  handle: async (ctx, input) => {
    const vpc = await zoneVpcOf(ctx, { VPCId: input.VPCId, VPCRegion: input.VPCRegion });
    const limit = checkedLimit(input.MaxItems);
    const rows = await ctx.read((tx) => tx.list(hostedZones, { where: ['account', ctx.account] }));
    const page = paginate(
      rows.filter((row) => hasVpc(row, vpc)),
      (row) => row.zoneId,
      {
        limit,
        token: input.NextToken,
        onBadToken: () => {
          throw new ServiceError('InvalidPaginationToken', 'The value that you specified for NextToken is not valid.');
        },
      },
    );
    return {
      HostedZoneSummaries: page.items.map((row) => ({
        HostedZoneId: row.zoneId,
        Name: row.name,
        Owner: row.linkedService ? { OwningService: row.linkedService.principal } : { OwningAccount: row.account },
      })),
      MaxItems: limit,
      ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
    };
  },
});

/** A blank sorts before all that stands in names. */
function nameOrder(row: HostedZoneRow): string {
  return `${reversedName(row.name)} ${row.zoneId}`;
}

function checkedLimit(maxItems: number | undefined): number {
  if (maxItems !== undefined && maxItems < 1) throw invalidInput('Invalid request: MaxItems must be at least 1');
  return Math.min(maxItems ?? MAX_ITEMS, MAX_ITEMS);
}
