import { recordType } from '../domain/record-set-input.ts';
import { canonicalName, isInZone, plainName } from '../domain/dns-name.ts';
import { invalidInput, notSupported } from '../errors.ts';
import { hostedZoneOf } from '../lookup.ts';
import { operation } from '../operation.ts';

/** What depends on where a client is: no record does here. */
const CLIENT = ['ResolverIP', 'EDNS0ClientSubnetIP', 'EDNS0ClientSubnetMask'] as const;

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_TestDNSAnswer.html: what the name server answers now. */
export const TestDNSAnswer = operation('TestDNSAnswer', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const client = CLIENT.find((member) => input[member] !== undefined);
    if (client) throw notSupported(client);
    const zone = await ctx.read((tx) => hostedZoneOf(tx, ctx.account, input.HostedZoneId));
    const name = canonicalName(input.RecordName ?? '');
    const type = recordType(input.RecordType);
    if (!isInZone(name, zone.name)) {
      throw invalidInput(`Invalid request: ${input.RecordName} is not in the hosted zone ${zone.name}`);
    }
    const answer = ctx.ports.names.lookUpIn(zone.zoneId, { name: plainName(name), type });
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
