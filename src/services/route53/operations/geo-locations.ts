import type { GeoLocationDetails } from '@aws-sdk/client-route-53';
import {
  continentCodes,
  continentName,
  countryCodes,
  countryName,
  subdivisionCodes,
  subdivisionName,
} from '../domain/geography.ts';
import { geolocationOf } from '../domain/place-routing.ts';
import { invalidInput, noSuchGeoLocation } from '../errors.ts';
import { operation } from '../operation.ts';

const MAX_ITEMS = 100;
const ANYWHERE = { CountryCode: '*', CountryName: 'Default' };

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetGeoLocation.html */
export const GetGeoLocation = operation('GetGeoLocation', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (_ctx, input) => {
    const { ContinentCode, CountryCode, SubdivisionCode } = input;
    if ([ContinentCode, CountryCode, SubdivisionCode].every((code) => code === undefined)) {
      return { GeoLocationDetails: ANYWHERE };
    }
    const found = everyLocation().find(
      (one) =>
        one.ContinentCode === ContinentCode &&
        one.CountryCode === CountryCode &&
        one.SubdivisionCode === SubdivisionCode,
    );
    if (!found) {
      // Codes that do not go together are malformed; others are none.
      if (ContinentCode !== undefined || CountryCode === undefined) geolocationOf(input);
      throw noSuchGeoLocation();
    }
    return { GeoLocationDetails: found };
  },
});

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListGeoLocations.html: countries first, continents last. */
export const ListGeoLocations = operation('ListGeoLocations', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (_ctx, input) => {
    const limit = Math.min(input.MaxItems ?? MAX_ITEMS, MAX_ITEMS);
    if (limit < 1) throw invalidInput('Invalid request: MaxItems must be at least 1');
    if (input.StartContinentCode !== undefined && input.StartCountryCode !== undefined) {
      throw invalidInput('Invalid request: StartContinentCode cannot be specified together with StartCountryCode');
    }
    if (input.StartSubdivisionCode !== undefined && input.StartCountryCode === undefined) {
      throw invalidInput('Invalid request: StartSubdivisionCode needs a StartCountryCode');
    }
    const start = orderOf({
      ContinentCode: input.StartContinentCode,
      CountryCode: input.StartCountryCode,
      SubdivisionCode: input.StartSubdivisionCode,
    });
    const locations = everyLocation().filter((one) => orderOf(one) >= start);
    const next = locations[limit];
    return {
      GeoLocationDetailsList: locations.slice(0, limit),
      IsTruncated: next !== undefined,
      ...(next?.ContinentCode !== undefined && { NextContinentCode: next.ContinentCode }),
      ...(next?.CountryCode !== undefined && { NextCountryCode: next.CountryCode }),
      ...(next?.SubdivisionCode !== undefined && { NextSubdivisionCode: next.SubdivisionCode }),
      MaxItems: limit,
    };
  },
});

function everyLocation(): readonly GeoLocationDetails[] {
  const countries = countryCodes.flatMap((CountryCode) => {
    const country = { CountryCode, CountryName: countryName(CountryCode) };
    const parts = subdivisionCodes(CountryCode).map((SubdivisionCode) => ({
      ...country,
      SubdivisionCode,
      SubdivisionName: subdivisionName(CountryCode, SubdivisionCode),
    }));
    return [country, ...parts];
  });
  const continents = continentCodes.map((ContinentCode) => ({
    ContinentCode,
    ContinentName: continentName(ContinentCode),
  }));
  return [ANYWHERE, ...countries, ...continents];
}

/** Sorts as the list stands: `*`, countries with their parts, continents. */
function orderOf({ ContinentCode, CountryCode = '', SubdivisionCode = '' }: GeoLocationDetails): string {
  return ContinentCode === undefined ? `1 ${CountryCode} ${SubdivisionCode}` : `2 ${ContinentCode}`;
}
