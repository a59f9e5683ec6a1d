import type { Coordinates } from './names.ts';

const EARTH_RADIUS_KM = 6371;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Along a great circle, by the haversine formula. */
export function distanceKm(from: Coordinates, to: Coordinates): number {
  const [north, east] = [radians(to.latitude - from.latitude), radians(to.longitude - from.longitude)];
  const chord =
    Math.sin(north / 2) ** 2 +
    Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * Math.sin(east / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/**
 * The distance as geoproximity routing counts it.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-geoproximity.html
 * @param bias -99 to 99
 */
export function biasedDistanceKm(distance: number, bias: number): number {
  return bias >= 0 ? distance * (1 - bias / 100) : distance / (1 + bias / 100);
}
