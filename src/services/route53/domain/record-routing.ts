import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { invalidInput, notSupported } from '../errors.ts';
import type { SetPolicy, SetRouting } from '../tables.ts';
import { geolocationOf, latencyOf, proximityOf } from './place-routing.ts';

const NOT_BUILT = ['CidrRoutingConfig', 'TrafficPolicyInstanceId'] as const;
const MAX_WEIGHT = 255;
const MAX_IDENTIFIER = 128;

/**
 * How a record set shares the answers for its name and type; undefined for simple routing.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
 * @throws InvalidInput
 */
export function routingOf(action: string, input: ResourceRecordSet): SetRouting | undefined {
  const missing = NOT_BUILT.find((member) => input[member] !== undefined);
  if (missing) throw notSupported(`ResourceRecordSet.${missing}`);
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

function policiesOf({
  Weight,
  Failover,
  MultiValueAnswer,
  Region,
  GeoLocation,
  GeoProximityLocation,
}: ResourceRecordSet): SetPolicy[] {
  if (MultiValueAnswer === false) {
    throw invalidInput('Invalid request: MultiValueAnswer must be true where it is given');
  }
  return [
    ...(Weight === undefined ? [] : [weightedOf(Weight)]),
    ...(Failover === undefined ? [] : [failoverOf(Failover)]),
    ...(MultiValueAnswer ? [{ policy: 'multivalue' } as const] : []),
    ...(Region === undefined ? [] : [latencyOf(Region)]),
    ...(GeoLocation === undefined ? [] : [geolocationOf(GeoLocation)]),
    ...(GeoProximityLocation === undefined ? [] : [proximityOf(GeoProximityLocation)]),
  ];
}

function weightedOf(weight: number): SetPolicy {
  if (!Number.isInteger(weight) || weight < 0 || weight > MAX_WEIGHT) {
    throw invalidInput(`Invalid request: Weight must be between 0 and ${MAX_WEIGHT}, but was ${weight}`);
  }
  return { policy: 'weighted', weight };
}

function failoverOf(role: string): SetPolicy {
  if (role !== 'PRIMARY' && role !== 'SECONDARY') {
    throw invalidInput(`Invalid request: Failover must be PRIMARY or SECONDARY, but was ${role}`);
  }
  return { policy: 'failover', role };
}
