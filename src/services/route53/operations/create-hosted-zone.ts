import type { CreateHostedZoneRequest } from '@aws-sdk/client-route-53';
import type { Context } from '../../../api/context.ts';
import type { WriteTx } from '../../../store/store.ts';
import { canonicalName, isValidName } from '../domain/dns-name.ts';
import {
  hostedZoneAlreadyExists,
  invalidDomainName,
  invalidInput,
  noSuchDelegationSet,
  tooManyHostedZones,
} from '../errors.ts';
import { ACCOUNT_LIMITS } from '../limits.ts';
import { seesVpc, vpcCondition } from '../authorization.ts';
import { operation, type Route53Ports } from '../operation.ts';
import { hostedZones, recordSets, type HostedZoneRow } from '../tables.ts';
import { changeView, hostedZoneView, vpcView } from '../views.ts';
import { refuseConflict, zoneVpcOf } from '../zone-vpc.ts';
import { noteChange, upperAlphanumerics } from '../zone-change.ts';

const NAME_SERVERS = 4;
const ZONE_ID_DIGITS = 20;
const NS_TTL_SECONDS = 172_800;
const SOA_TTL_SECONDS = 900;
const LINKING_SERVICE = 'servicediscovery.amazonaws.com';
/** The record sets that every zone has. */
export const REQUIRED_RECORD_SETS = 2;

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html; private when it has a VPC. */
export const CreateHostedZone = operation('CreateHostedZone', {
  resources: () => ['*'],
  conditions: ({ VPC }) => vpcCondition(VPC),
  also: ({ VPC }) => seesVpc(VPC),
  handle: async (ctx, input) => {
    const name = checkedName(input);
    const vpc = input.VPC && (await zoneVpcOf(ctx, input.VPC));
    const row: HostedZoneRow = {
      account: ctx.account,
      zoneId: `Z${upperAlphanumerics(ctx.ids, ZONE_ID_DIGITS)}`,
      name,
      callerReference: input.CallerReference ?? '',
      ...(input.HostedZoneConfig?.Comment === undefined ? {} : { comment: input.HostedZoneConfig.Comment }),
      isPrivate: vpc !== undefined,
      vpcs: vpc ? [vpc] : [],
      nameServers: Array.from({ length: NAME_SERVERS }, (_, at) => `ns-${at + 1}.${ctx.ports.domain}`),
      recordSetCount: REQUIRED_RECORD_SETS,
      tags: {},
      ...linkOf(ctx, input),
    };
    const change = await ctx.write(async (tx) => {
      const others = await tx.list(hostedZones, { where: ['account', ctx.account] });
      if (others.some((other) => other.callerReference === row.callerReference)) throw hostedZoneAlreadyExists();
      if (others.length >= ACCOUNT_LIMITS.MAX_HOSTED_ZONES_BY_OWNER) throw tooManyHostedZones();
      if (vpc) refuseConflict(others, row, vpc);
      await tx.put(hostedZones, row);
      await putRequiredRecords(tx, row, ctx);
      return noteChange(tx, ctx);
    });
    return {
      HostedZone: hostedZoneView(row),
      ChangeInfo: changeView(change, 'PENDING'),
      DelegationSet: row.isPrivate ? undefined : { NameServers: [...row.nameServers] },
      ...(vpc && { VPC: vpcView(vpc) }),
      Location: `${ctx.endpoint}/2013-04-01/hostedzone/${row.zoneId}`,
    };
  },
});

/** A zone of Cloud Map's is Cloud Map's to change. */
function linkOf({ principal }: Context, input: CreateHostedZoneRequest): Pick<HostedZoneRow, 'linkedService'> {
  if (principal.kind !== 'service' || principal.userId !== LINKING_SERVICE) return {};
  return { linkedService: { principal: LINKING_SERVICE, description: input.HostedZoneConfig?.Comment ?? '' } };
}

function checkedName(input: CreateHostedZoneRequest): string {
  if (input.DelegationSetId !== undefined) throw noSuchDelegationSet(input.DelegationSetId);
  if (!input.CallerReference) throw invalidInput('Invalid request: CallerReference must not be empty');
  if (input.HostedZoneConfig?.PrivateZone && !input.VPC) {
    throw invalidInput('When you are creating a private hosted zone, you must specify a VPC.');
  }
  const name = canonicalName(input.Name ?? '');
  if (!isValidName(name)) throw invalidDomainName(input.Name ?? '');
  return name;
}

async function putRequiredRecords(tx: WriteTx, zone: HostedZoneRow, ctx: Context<Route53Ports>): Promise<void> {
  const ids = { account: zone.account, zoneId: zone.zoneId, name: zone.name };
  await tx.put(recordSets, {
    ...ids,
    type: 'NS',
    ttlSeconds: NS_TTL_SECONDS,
    values: zone.nameServers.map((server) => `${server}.`),
  });
  await tx.put(recordSets, {
    ...ids,
    type: 'SOA',
    ttlSeconds: SOA_TTL_SECONDS,
    values: [`${zone.nameServers[0]}. hostmaster.${ctx.ports.domain}. 1 7200 900 1209600 86400`],
  });
}
