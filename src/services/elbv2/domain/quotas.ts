/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
export const QUOTAS = {
  loadBalancers: 50,
  targetGroups: 3000,
  targetGroupsOfAction: 5,
  targetsOfGroup: 1000,
  listeners: 50,
  rules: 100,
  certificates: 25,
  conditionValues: 5,
  wildcards: 6,
  trustStores: 20,
  revocationEntries: 500_000,
} as const;

/** The names of DescribeAccountLimits. */
export const ACCOUNT_LIMITS: readonly { readonly Name: string; readonly Max: string }[] = [
  { Name: 'application-load-balancers', Max: String(QUOTAS.loadBalancers) },
  { Name: 'certificates-per-application-load-balancer', Max: String(QUOTAS.certificates) },
  { Name: 'condition-values-per-alb-rule', Max: String(QUOTAS.conditionValues) },
  { Name: 'condition-wildcards-per-alb-rule', Max: String(QUOTAS.wildcards) },
  { Name: 'listeners-per-application-load-balancer', Max: String(QUOTAS.listeners) },
  { Name: 'rules-per-application-load-balancer', Max: String(QUOTAS.rules) },
  { Name: 'trust-stores', Max: String(QUOTAS.trustStores) },
  { Name: 'trust-store-revocation-entries', Max: String(QUOTAS.revocationEntries) },
  { Name: 'target-groups', Max: String(QUOTAS.targetGroups) },
  { Name: 'target-groups-per-action-on-application-load-balancer', Max: String(QUOTAS.targetGroupsOfAction) },
  { Name: 'targets-per-application-load-balancer', Max: String(QUOTAS.targetsOfGroup) },
];
