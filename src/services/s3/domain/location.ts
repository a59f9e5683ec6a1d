import { illegalLocation, invalidLocation } from '../errors.ts';

const FIRST_REGION = 'us-east-1';
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;

/**
 * The region of a new bucket. The endpoint of us-east-1 makes buckets anywhere, the others only in their own region,
 * which the client must then name.
 * @throws ServiceError InvalidLocationConstraint, IllegalLocationConstraintException
 */
export function bucketRegion(callRegion: string, constraint: string | undefined): string {
  if (constraint === undefined || constraint === '') {
    if (callRegion !== FIRST_REGION) throw illegalLocation('unspecified');
    return FIRST_REGION;
  }
  if (constraint === FIRST_REGION && callRegion === FIRST_REGION) throw invalidLocation(constraint);
  const region = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (!REGION.test(region)) throw invalidLocation(constraint);
  if (callRegion !== FIRST_REGION && region !== callRegion) throw illegalLocation(constraint);
  return region;
}

/** As GetBucketLocation says it: nothing for us-east-1. */
export function locationConstraint(region: string): string | undefined {
  return region === FIRST_REGION ? undefined : region;
}
