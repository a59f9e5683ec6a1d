import { BlockList, isIP } from 'node:net';
import type { Coordinates, Place, Places } from '../../network/dns/names.ts';
import { continentOf, countryName, subdivisionName } from './domain/geography.ts';
import { US_EAST_1, regionPlace } from './domain/regions.ts';

/** Where the clients of a block are, as an operator says it. */
export interface ClientLocation {
  /** IPv4 or IPv6. */
  readonly cidr: string;
  /** The nearest Region. */
  readonly region: string;
  /** Left out: those of the Region. */
  readonly country?: string;
  readonly subdivision?: string;
  readonly coordinates?: Coordinates;
}

/** What is wrong with it; undefined: nothing. */
export function refuseLocation({ region, country, subdivision }: ClientLocation): string | undefined {
  const home = regionPlace(region);
  if (!home) return `${region} is no Region that Route 53 knows.`;
  if (country !== undefined && countryName(country) === undefined) return `${country} is no country.`;
  const within = country ?? home.country;
  if (subdivision === undefined || subdivisionName(within, subdivision) !== undefined) return undefined;
  return `${subdivision} is no subdivision of ${within} that Route 53 knows.`;
}

/**
 * Where clients are: of an address in a block, the longest, what is said of that; else in the Region of their VPC; else in
 * the server's own.
 */
export function clientPlaces(home: string, locations: readonly ClientLocation[] = []): Places {
  const blocks = locations
    .map(({ cidr, ...location }) => {
      const [address = '', prefix = ''] = cidr.split('/');
      const block = new BlockList();
      block.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
      return { block, prefix: Number(prefix), family: isIP(address), place: placeIn(location) };
    })
    .toSorted((one, other) => other.prefix - one.prefix);
  const here = placeIn({ region: home });
  return {
    of(address, region) {
      const family = isIP(address ?? '');
      const found = blocks.find(
        (one) => one.family === family && one.block.check(address ?? '', family === 6 ? 'ipv6' : 'ipv4'),
      );
      return found?.place ?? (region === undefined ? here : placeIn({ region }));
    },
  };
}

/** Of a Region that nobody knows: in us-east-1. */
function placeIn({ region, ...said }: Omit<ClientLocation, 'cidr'>): Place {
  const { latitude, longitude, ...home } = regionPlace(region) ?? US_EAST_1;
  const country = said.country ?? home.country;
  const subdivision = said.subdivision ?? (country === home.country ? home.subdivision : undefined);
  return {
    coordinates: said.coordinates ?? { latitude, longitude },
    country,
    continent: continentOf(country) ?? '',
    ...(subdivision !== undefined && { subdivision }),
  };
}
