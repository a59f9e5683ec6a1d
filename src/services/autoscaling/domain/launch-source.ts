/** A launch template and which of its versions: a number, `$Latest` or `$Default`. */
export interface TemplateChoice {
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

export interface Override {
  readonly instanceType?: string;
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
