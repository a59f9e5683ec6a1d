/** Route 53's default quotas, which hold here too. */
export const ACCOUNT_LIMITS = {
  MAX_HEALTH_CHECKS_BY_OWNER: 200,
  MAX_HOSTED_ZONES_BY_OWNER: 500,
} as const;

export const ZONE_LIMITS = {
  MAX_RRSETS_BY_ZONE: 10_000,
  MAX_VPCS_ASSOCIATED_BY_ZONE: 300,
} as const;
