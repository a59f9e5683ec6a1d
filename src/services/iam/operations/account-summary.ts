import { QUOTAS } from '../domain/quotas.ts';
import { operation } from '../operation.ts';
import { groups, instanceProfiles, oidcProviders, policies, roles, users } from '../tables.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html. Root has a key here and no password. */
const CONSTANTS = {
  AccountAccessKeysPresent: 1,
  AccountMFAEnabled: 0,
  AccountPasswordPresent: 0,
  AccountSigningCertificatesPresent: 0,
  MFADevices: 0,
  MFADevicesInUse: 0,
  ServerCertificates: 0,
  GlobalEndpointTokenVersion: 1,
  UsersQuota: QUOTAS.UsersPerAccount,
  GroupsQuota: QUOTAS.GroupsPerAccount,
  RolesQuota: QUOTAS.RolesPerAccount,
  InstanceProfilesQuota: QUOTAS.InstanceProfilesPerAccount,
  PoliciesQuota: QUOTAS.PoliciesPerAccount,
  ServerCertificatesQuota: QUOTAS.ServerCertificatesPerAccount,
  GroupsPerUserQuota: QUOTAS.GroupsPerUser,
  AccessKeysPerUserQuota: QUOTAS.AccessKeysPerUser,
  SigningCertificatesPerUserQuota: QUOTAS.SigningCertificatesPerUser,
  AttachedPoliciesPerUserQuota: QUOTAS.PoliciesPerUser,
  AttachedPoliciesPerGroupQuota: QUOTAS.PoliciesPerGroup,
  AttachedPoliciesPerRoleQuota: QUOTAS.PoliciesPerRole,
  VersionsPerPolicyQuota: QUOTAS.VersionsPerPolicy,
  PolicyVersionsInUseQuota: 10_000,
  AssumeRolePolicySizeQuota: 2048,
  UserPolicySizeQuota: 2048,
  GroupPolicySizeQuota: 5120,
  RolePolicySizeQuota: 10_240,
  PolicySizeQuota: 6144,
} as const;

export const GetAccountSummary = operation('GetAccountSummary', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx) => {
    const counts = await ctx.read(async (tx) => {
      const where = ['account', ctx.account] as const;
      const managed = await tx.list(policies, { where });
      return {
        Users: (await tx.list(users, { where })).length,
        Groups: (await tx.list(groups, { where })).length,
        Roles: (await tx.list(roles, { where })).length,
        InstanceProfiles: (await tx.list(instanceProfiles, { where })).length,
        Providers: (await tx.list(oidcProviders, { where })).length,
        Policies: managed.length,
        PolicyVersionsInUse: managed.reduce((sum, { versions }) => sum + versions.length, 0),
      };
    });
    return { SummaryMap: { ...CONSTANTS, ...counts } };
  },
});
