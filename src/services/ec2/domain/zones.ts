/** Availability zones of a region. Any name that looks like a region's has three: a, b and c. */
export interface Zone {
  /** e.g. `us-east-1a` */
  readonly name: string;
  /** e.g. `use1-az1` */
  readonly id: string;
}

const REGION_NAME = /^[a-z]{2,4}(-[a-z]{2,10})+-\d{1,2}$/;
const ZONE_LETTERS = ['a', 'b', 'c'] as const;

const DIRECTIONS: Readonly<Record<string, string>> = {
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
  iso: 'i',
  isob: 'ib',
  isoe: 'ie',
  isof: 'if',
};

export function isRegionName(name: string): boolean {
  return REGION_NAME.test(name);
}

export function zonesOf(region: string): readonly Zone[] {
  return ZONE_LETTERS.map((letter, index) => ({
    name: `${region}${letter}`,
    id: `${shortName(region)}-az${index + 1}`,
  }));
}

/** How zone ids call a region: `us-east-1` is `use1`, `ap-southeast-2` is `apse2`, `us-gov-west-1` is `usgw1`. */
function shortName(region: string): string {
  const [area = '', ...rest] = region.split('-');
  return area + rest.map((part) => DIRECTIONS[part] ?? (/^\d+$/.test(part) ? part : part.slice(0, 1))).join('');
}
