/** The regions that DescribeRegions names, as AWS names them. A server accepts every other region name as well. */
export interface Region {
  readonly name: string;
  readonly optInStatus: 'opt-in-not-required' | 'opted-in';
}

const DEFAULT_REGIONS = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
];

/** The regions every account has from the start, and those that it has used besides. */
export function regionsWith(used: readonly string[]): readonly Region[] {
  const further = [...new Set(used)].filter((name) => !DEFAULT_REGIONS.includes(name));
  return [
    ...DEFAULT_REGIONS.map((name) => ({ name, optInStatus: 'opt-in-not-required' as const })),
    ...further.map((name) => ({ name, optInStatus: 'opted-in' as const })),
  ].toSorted((a, b) => a.name.localeCompare(b.name));
}

export function endpointOf(region: string): string {
  return `ec2.${region}.amazonaws.com`;
}
