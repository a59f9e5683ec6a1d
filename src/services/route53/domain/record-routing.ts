import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { NameRouting } from '../../../network/dns/names.ts';
import { invalidInput, notSupported } from '../errors.ts';
import type { SetRouting } from '../tables.ts';

/** Policies that ask where on the Internet a client is: this server's clients are in its VPCs. */
const GEOGRAPHIC = [
  'Region',
  'GeoLocation',
  'GeoProximityLocation',
  'CidrRoutingConfig',
  'TrafficPolicyInstanceId',
] as const;
const MAX_WEIGHT = 255;
const MAX_IDENTIFIER = 128;

/**
 * How a record set shares the answers for its name and type; undefined for simple routing.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
 * @throws InvalidInput
 */
export function routingOf(action: string, input: ResourceRecordSet): SetRouting | undefined {
  const geographic = GEOGRAPHIC.find((member) => input[member] !== undefined);
  if (geographic) throw notSupported(`ResourceRecordSet.${geographic}`);
  const setIdentifier = input.SetIdentifier;
  const change =
    `Change with [Action=${action}, Name=${input.Name}, Type=${input.Type}, ` +
    `SetIdentifier=${setIdentifier ?? null}]`;
  const policies = policiesOf(input);
  const [policy, ...more] = policies;
  if (setIdentifier === undefined) {
    if (policy) throw invalidInput(`Invalid request: Missing field 'SetIdentifier' in ${change}`);
    return undefined;
  }
  if (setIdentifier.length < 1 || setIdentifier.length > MAX_IDENTIFIER) {
    throw invalidInput(`Invalid request: SetIdentifier must have 1 to ${MAX_IDENTIFIER} characters in ${change}`);
  }
  if (!policy || more.length > 0) {
    throw invalidInput(
      'Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, ' +
        `CidrRoutingConfig, or GeoProximityLocation], but found ${policy ? 'more than one' : 'none'} in ${change}`,
    );
  }
  if (policy.policy === 'multivalue' && input.AliasTarget) {
    throw invalidInput(`Invalid request: MultiValueAnswer cannot be used with AliasTarget in ${change}`);
  }
  return { setIdentifier, ...policy };
}

function policiesOf(input: ResourceRecordSet): NameRouting[] {
  const { Weight, Failover, MultiValueAnswer } = input;
  const policies: NameRouting[] = [];
  if (Weight !== undefined) {
    if (!Number.isInteger(Weight) || Weight < 0 || Weight > MAX_WEIGHT) {
      throw invalidInput(`Invalid request: Weight must be between 0 and ${MAX_WEIGHT}, but was ${Weight}`);
    }
    policies.push({ policy: 'weighted', weight: Weight });
  }
  if (Failover !== undefined) {
    if (Failover !== 'PRIMARY' && Failover !== 'SECONDARY') {
      throw invalidInput(`Invalid request: Failover must be PRIMARY or SECONDARY, but was ${String(Failover)}`);
    }
    policies.push({ policy: 'failover', role: Failover });
  }
  if (MultiValueAnswer === false)
    throw invalidInput('Invalid request: MultiValueAnswer must be true where it is given');
  if (MultiValueAnswer) policies.push({ policy: 'multivalue' });
  return policies;
}
