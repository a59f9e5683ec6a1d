import type { Coordinates } from '../../../network/dns/names.ts';

interface RegionPlace extends Coordinates {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Of the United States: a state. */
  readonly subdivision?: string;
}

const at = (latitude: number, longitude: number, country: string, subdivision?: string): RegionPlace => ({
  latitude,
  longitude,
  country,
  ...(subdivision !== undefined && { subdivision }),
});

export const US_EAST_1 = at(39.04, -77.49, 'US', 'VA');

/** Roughly where each Region is; AWS does not say it better: https://docs.aws.amazon.com/global-infrastructure/ */
const REGIONS: Readonly<Record<string, RegionPlace>> = {
  'af-south-1': at(-33.93, 18.42, 'ZA'),
  'ap-east-1': at(22.32, 114.17, 'HK'),
  'ap-east-2': at(25.03, 121.57, 'TW'),
  'ap-northeast-1': at(35.68, 139.69, 'JP'),
  'ap-northeast-2': at(37.57, 126.98, 'KR'),
  'ap-northeast-3': at(34.69, 135.5, 'JP'),
  'ap-south-1': at(19.08, 72.88, 'IN'),
  'ap-south-2': at(17.39, 78.49, 'IN'),
  'ap-southeast-1': at(1.35, 103.82, 'SG'),
  'ap-southeast-2': at(-33.87, 151.21, 'AU'),
  'ap-southeast-3': at(-6.21, 106.85, 'ID'),
  'ap-southeast-4': at(-37.81, 144.96, 'AU'),
  'ap-southeast-5': at(3.14, 101.69, 'MY'),
  'ap-southeast-6': at(-36.85, 174.76, 'NZ'),
  'ap-southeast-7': at(13.76, 100.5, 'TH'),
  'ca-central-1': at(45.5, -73.57, 'CA'),
  'ca-west-1': at(51.05, -114.07, 'CA'),
  'cn-north-1': at(39.9, 116.41, 'CN'),
  'cn-northwest-1': at(37.51, 105.19, 'CN'),
  'eu-central-1': at(50.11, 8.68, 'DE'),
  'eu-central-2': at(47.38, 8.54, 'CH'),
  'eu-north-1': at(59.33, 18.07, 'SE'),
  'eu-south-1': at(45.46, 9.19, 'IT'),
  'eu-south-2': at(41.65, -0.89, 'ES'),
  'eu-west-1': at(53.35, -6.26, 'IE'),
  'eu-west-2': at(51.51, -0.13, 'GB'),
  'eu-west-3': at(48.86, 2.35, 'FR'),
  'eusc-de-east-1': at(52.41, 12.55, 'DE'),
  'il-central-1': at(32.09, 34.78, 'IL'),
  'me-central-1': at(24.45, 54.38, 'AE'),
  'me-south-1': at(26.07, 50.55, 'BH'),
  'mx-central-1': at(20.59, -100.39, 'MX'),
  'sa-east-1': at(-23.55, -46.63, 'BR'),
  'us-east-1': US_EAST_1,
  'us-east-2': at(39.96, -83, 'US', 'OH'),
  'us-gov-east-1': at(40.1, -82.9, 'US', 'OH'),
  'us-gov-west-1': at(45.6, -121.18, 'US', 'OR'),
  'us-west-1': at(37.35, -121.96, 'US', 'CA'),
  'us-west-2': at(45.84, -119.7, 'US', 'OR'),
};

/** Undefined for a name that is no Region's. */
export function regionPlace(region: string): RegionPlace | undefined {
  return Object.hasOwn(REGIONS, region) ? REGIONS[region] : undefined;
}
