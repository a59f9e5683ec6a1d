/** A launch template and which of its versions: a number, `$Latest` or `$Default`. */
export interface TemplateChoice {
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

export interface Override {
  readonly instanceType?: string;
  /** How much of the desired capacity one of these is. */
  readonly weight?: number;
  /** InstanceRequirements, as JSON, and the types that meet them, the smallest first. */
  readonly requirements?: object;
  readonly types?: readonly string[];
  readonly imageId?: string;
  readonly template?: TemplateChoice;
}

export interface Distribution {
  readonly onDemandBase: number;
  readonly onDemandPercentage: number;
  readonly onDemandStrategy: string;
  readonly spotStrategy: string;
  readonly spotPools?: number;
  readonly spotMaxPrice?: string;
}

/** What a group launches its instances from. */
export type LaunchSource =
  | { readonly kind: 'template'; readonly template: TemplateChoice }
  | {
      readonly kind: 'mixed';
      readonly template: TemplateChoice;
      readonly overrides: readonly Override[];
      readonly distribution: Distribution;
    }
  | { readonly kind: 'configuration'; readonly name: string };

export type Market = 'on-demand' | 'spot';

/** What the first choice of the next launch weighs. */
export function launchWeight(source: LaunchSource): number {
  return (source.kind === 'mixed' ? source.overrides[0]?.weight : undefined) ?? 1;
}

/** What an instance weighs by its type; undefined where the group does not weigh its instances. */
export function weightOfType(source: LaunchSource, type: string | undefined): number | undefined {
  if (source.kind !== 'mixed') return undefined;
  return source.overrides.find((one) => one.instanceType === type)?.weight;
}

export const isWeighted = (source: LaunchSource): boolean =>
  source.kind === 'mixed' && source.overrides.some(({ weight }) => weight !== undefined);

/** The types of the overrides, in their order. */
export function typesOf(overrides: readonly Override[]): readonly string[] {
  return overrides.flatMap(({ instanceType, types }) => instanceType ?? types ?? []);
}

/** How many of so many instances are On-Demand. */
export function onDemandShare(source: LaunchSource, count: number): number {
  if (source.kind !== 'mixed') return count;
  const { onDemandBase, onDemandPercentage } = source.distribution;
  const above = Math.max(0, count - onDemandBase);
  return Math.min(count, onDemandBase) + Math.ceil((above * onDemandPercentage) / 100 - 1e-9);
}

/** On-Demand first, then as the percentages say. */
export function nextMarket(source: LaunchSource, onDemandNow: number, target: number): Market {
  return onDemandNow < onDemandShare(source, target) ? 'on-demand' : 'spot';
}
