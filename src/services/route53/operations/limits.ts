import { invalidInput, notSupported, publicZoneLimit } from '../errors.ts';
import { healthChecks } from '../health-tables.ts';
import { ACCOUNT_LIMITS, ZONE_LIMITS } from '../limits.ts';
import { hostedZoneOf } from '../lookup.ts';
import { operation, zoneArn } from '../operation.ts';
import { hostedZones } from '../tables.ts';

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetAccountLimit.html */
export const GetAccountLimit = operation('GetAccountLimit', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const { Type } = input;
    if (Type !== 'MAX_HEALTH_CHECKS_BY_OWNER' && Type !== 'MAX_HOSTED_ZONES_BY_OWNER') {
      throw notSupported(`limit ${Type}`);
    }
    const where = ['account', ctx.account] as const;
    const Count = await ctx.read(async (tx) =>
      Type === 'MAX_HOSTED_ZONES_BY_OWNER'
        ? (await tx.list(hostedZones, { where })).length
        : (await tx.list(healthChecks, { where })).length,
    );
    return { Limit: { Type, Value: ACCOUNT_LIMITS[Type] }, Count };
  },
});

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZoneLimit.html */
export const GetHostedZoneLimit = operation('GetHostedZoneLimit', {
  resources: (input) => [zoneArn(input.HostedZoneId)],
  readOnly: true,
  handle: async (ctx, input) => {
    const { Type } = input;
    if (Type !== 'MAX_RRSETS_BY_ZONE' && Type !== 'MAX_VPCS_ASSOCIATED_BY_ZONE') {
      throw invalidInput(`Invalid request: Type must not be ${String(Type)}`);
    }
    const zone = await ctx.read((tx) => hostedZoneOf(tx, ctx.account, input.HostedZoneId));
    if (Type === 'MAX_VPCS_ASSOCIATED_BY_ZONE' && !zone.isPrivate) throw publicZoneLimit();
    const Count = Type === 'MAX_RRSETS_BY_ZONE' ? zone.recordSetCount : zone.vpcs.length;
    return { Limit: { Type, Value: ZONE_LIMITS[Type] }, Count };
  },
});
