import { limitExceeded } from '../errors.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html; names as AWS's refusals spell them. */
export const QUOTAS = {
  UsersPerAccount: 5000,
  GroupsPerAccount: 300,
  RolesPerAccount: 1000,
  InstanceProfilesPerAccount: 1000,
  PoliciesPerAccount: 1500,
  OpenIDConnectProvidersPerAccount: 100,
  ServerCertificatesPerAccount: 20,
  GroupsPerUser: 10,
  AccessKeysPerUser: 2,
  SigningCertificatesPerUser: 2,
  PoliciesPerUser: 10,
  PoliciesPerGroup: 10,
  PoliciesPerRole: 10,
  VersionsPerPolicy: 5,
} as const;

/** Throws LimitExceeded where `used` of them exist already. */
export function checkQuota(quota: keyof typeof QUOTAS, used: number): void {
  if (used >= QUOTAS[quota]) throw limitExceeded(`Cannot exceed quota for ${quota}: ${QUOTAS[quota]}`);
}
