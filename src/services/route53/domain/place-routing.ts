import type {
  Coordinates,
  GeoLocation,
  GeoProximityLocation,
  ResourceRecordSet,
  ResourceRecordSetRegion,
} from '@aws-sdk/client-route-53';
import type { NameRouting } from '../../../network/dns/names.ts';
import { invalidChangeBatch, invalidInput, notSupported } from '../errors.ts';
import type { PlacePolicy } from '../tables.ts';
import { continentName, countryName, subdivisionName } from './geography.ts';
import { regionPlace } from './regions.ts';

const MAX_BIAS = 99;
const ANYWHERE = '*';

type Latency = Extract<PlacePolicy, { policy: 'latency' }>;
type Geolocation = Extract<PlacePolicy, { policy: 'geolocation' }>;
type Geoproximity = Extract<PlacePolicy, { policy: 'geoproximity' }>;

/** @throws InvalidChangeBatch */
export function latencyOf(region: string): Latency {
  return { policy: 'latency', region: knownRegion(region) };
}

/**
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_GeoLocation.html
 * @throws InvalidInput
 */
export function geolocationOf(input: GeoLocation): Geolocation {
  const { ContinentCode: continent, CountryCode: country, SubdivisionCode: subdivision } = input;
  const refuse = (why: string) =>
    invalidInput(`Invalid request: ${why} in GeoLocation [${describeLocation({ continent, country, subdivision })}]`);
  if (continent !== undefined) {
    if (country !== undefined || subdivision !== undefined) {
      throw refuse('ContinentCode cannot be specified together with CountryCode or SubdivisionCode');
    }
    if (continentName(continent) === undefined) throw refuse('ContinentCode is not supported');
    return { policy: 'geolocation', continent };
  }
  if (country === undefined) {
    throw refuse(subdivision === undefined ? 'No location is specified' : 'SubdivisionCode needs a CountryCode');
  }
  if (country !== ANYWHERE && countryName(country) === undefined) throw refuse('CountryCode is not supported');
  if (subdivision === undefined) return { policy: 'geolocation', country };
  if (subdivisionName(country, subdivision) === undefined) throw refuse('SubdivisionCode is not supported');
  return { policy: 'geolocation', country, subdivision };
}

/**
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_GeoProximityLocation.html
 * @throws InvalidInput; InvalidChangeBatch for an unknown Region
 */
export function proximityOf(input: GeoProximityLocation): Geoproximity {
  const { AWSRegion, Bias: bias = 0, Coordinates: coordinates } = input;
  if (input.LocalZoneGroup !== undefined) throw notSupported('GeoProximityLocation.LocalZoneGroup');
  if (!Number.isInteger(bias) || Math.abs(bias) > MAX_BIAS) {
    throw invalidInput(`Invalid request: Bias must be between -${MAX_BIAS} and ${MAX_BIAS}, but was ${bias}`);
  }
  if ((AWSRegion === undefined) === (coordinates === undefined)) {
    throw invalidInput(
      'Invalid request: Expected exactly one of [AWSRegion, LocalZoneGroup, or Coordinates] in GeoProximityLocation, ' +
        `but found ${coordinates ? 'more than one' : 'none'}`,
    );
  }
  if (coordinates) return { policy: 'geoproximity', bias, ...checkedCoordinates(coordinates) };
  return { policy: 'geoproximity', bias, region: knownRegion(AWSRegion ?? '') };
}

function knownRegion(region: string): string {
  if (!regionPlace(region)) throw invalidChangeBatch([`Cannot find region '${region}'. No changes made.`]);
  return region;
}

function checkedCoordinates({ Latitude, Longitude }: Coordinates): { latitude: string; longitude: string } {
  const check = (name: string, text: string | undefined, most: number) => {
    if (text !== undefined && /^[-+]?\d{1,3}(\.\d{0,2})?$/.test(text) && Math.abs(Number(text)) <= most) return text;
    throw invalidInput(
      `Invalid request: ${name} must be between -${most} and ${most}, with two decimal places at most, but was ${text}`,
    );
  };
  return { latitude: check('Latitude', Latitude, 90), longitude: check('Longitude', Longitude, 180) };
}

/** As the name server takes it. */
export function nameRouting(policy: PlacePolicy): NameRouting {
  if (policy.policy === 'geolocation') return { policy: 'geolocation', location: locationOf(policy) };
  const at =
    policy.region === undefined
      ? { latitude: Number(policy.latitude), longitude: Number(policy.longitude) }
      : coordinatesOf(policy.region);
  return policy.policy === 'latency' ? { policy: 'latency', at } : { policy: 'geoproximity', at, bias: policy.bias };
}

function locationOf({ continent, country, subdivision }: Geolocation) {
  if (continent !== undefined) return { continent };
  if (country === undefined || country === ANYWHERE) return 'anywhere';
  return { country, ...(subdivision !== undefined && { subdivision }) };
}

function coordinatesOf(region: string) {
  const { latitude = 0, longitude = 0 } = regionPlace(region) ?? {};
  return { latitude, longitude };
}

/** As the API shows it. */
export function placeView(policy: PlacePolicy): Partial<ResourceRecordSet> {
  if (policy.policy === 'latency') return { Region: policy.region as ResourceRecordSetRegion };
  if (policy.policy === 'geoproximity') {
    const { region, latitude, longitude, bias } = policy;
    const where =
      region === undefined ? { Coordinates: { Latitude: latitude, Longitude: longitude } } : { AWSRegion: region };
    return { GeoProximityLocation: { ...where, ...(bias !== 0 && { Bias: bias }) } };
  }
  const { continent, country, subdivision } = policy;
  return {
    GeoLocation: {
      ...(continent !== undefined && { ContinentCode: continent }),
      ...(country !== undefined && { CountryCode: country }),
      ...(subdivision !== undefined && { SubdivisionCode: subdivision }),
    },
  };
}

/** `ContinentCode=EU`, `CountryCode=US, SubdivisionCode=CA`. */
export function describeLocation(location: {
  readonly continent?: string | undefined;
  readonly country?: string | undefined;
  readonly subdivision?: string | undefined;
}): string {
  const members = [
    ['ContinentCode', location.continent],
    ['CountryCode', location.country],
    ['SubdivisionCode', location.subdivision],
  ];
  return members.flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`)).join(', ');
}
