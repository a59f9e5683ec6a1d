import { isIP } from 'node:net';
import type { TestDNSAnswerRequest } from '@aws-sdk/client-route-53';
import { recordType } from '../domain/record-set-input.ts';
import { canonicalName, isInZone, plainName } from '../domain/dns-name.ts';
import { invalidInput } from '../errors.ts';
import { hostedZoneOf } from '../lookup.ts';
import { operation } from '../operation.ts';

/**
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_TestDNSAnswer.html: what the name server answers now, to
 * a resolver at an address, or for the client subnet that it names.
 */
export const TestDNSAnswer = operation('TestDNSAnswer', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const client = clientOf(input);
    const zone = await ctx.read((tx) => hostedZoneOf(tx, ctx.account, input.HostedZoneId));
    const name = canonicalName(input.RecordName ?? '');
    const type = recordType(input.RecordType);
    if (!isInZone(name, zone.name)) {
      throw invalidInput(`Invalid request: ${input.RecordName} is not in the hosted zone ${zone.name}`);
    }
    const question = { name: plainName(name), type, ...(client !== undefined && { client }) };
    const answer = ctx.ports.names.lookUpIn(zone.zoneId, question);
    return {
      Nameserver: zone.nameServers[0] ?? '',
      RecordName: name.replace(/\.$/, ''),
      RecordType: type,
      RecordData: [...(answer?.values ?? [])],
      ResponseCode: answer?.rcode ?? 'SERVFAIL',
      Protocol: 'UDP',
    };
  },
});

/** The address that answers are for. @throws InvalidInput */
function clientOf({ ResolverIP, EDNS0ClientSubnetIP, EDNS0ClientSubnetMask }: TestDNSAnswerRequest) {
  for (const address of [ResolverIP, EDNS0ClientSubnetIP]) {
    if (address !== undefined && isIP(address) === 0) {
      throw invalidInput(`Invalid request: ${address} is not an IP address`);
    }
  }
  if (EDNS0ClientSubnetMask === undefined) return EDNS0ClientSubnetIP ?? ResolverIP;
  const mask = Number(EDNS0ClientSubnetMask);
  const most = EDNS0ClientSubnetIP !== undefined && isIP(EDNS0ClientSubnetIP) === 6 ? 128 : 32;
  if (EDNS0ClientSubnetIP === undefined || !/^\d{1,3}$/.test(EDNS0ClientSubnetMask) || mask > most) {
    throw invalidInput(
      `Invalid request: EDNS0ClientSubnetMask must be between 0 and ${most} and needs an EDNS0ClientSubnetIP`,
    );
  }
  return mask === 0 ? ResolverIP : EDNS0ClientSubnetIP;
}
