const BYTES_PER_GB = 1024 ** 3;

/**
 * What Amazon ECR charges for a GB in a private repository for a month, in US East (N. Virginia) and most regions, before
 * any free tier or discount: https://aws.amazon.com/ecr/pricing/
 */
export const ECR_STORAGE_PRICE = {
  dollarsPerGbMonth: 0.1,
  source: 'https://aws.amazon.com/ecr/pricing/',
  asOf: '2026-03',
} as const;

/** Each repository pays for its own copies: what deduplication across repositories saves here, AWS charges. */
export function ecrDollarsPerMonth(bytes: number): number {
  return (bytes / BYTES_PER_GB) * ECR_STORAGE_PRICE.dollarsPerGbMonth;
}
