import type { IAMClient } from '@aws-sdk/client-iam';

/** The texts of an account's policies, by the id that a simulation calls each: `user_anna_own`, or a managed policy's name. */
export async function policyDocuments(iam: IAMClient): Promise<ReadonlyMap<string, string>> {
  const { paginateGetAccountAuthorizationDetails } = await import('@aws-sdk/client-iam');
  const texts = new Map<string, string>();
  const keep = (id: string, encoded: string | undefined) => texts.set(id, decodeURIComponent(encoded ?? ''));
  for await (const page of paginateGetAccountAuthorizationDetails({ client: iam, pageSize: 1000 }, {})) {
    for (const user of page.UserDetailList ?? []) {
      for (const own of user.UserPolicyList ?? []) keep(`user_${user.UserName}_${own.PolicyName}`, own.PolicyDocument);
    }
    for (const group of page.GroupDetailList ?? []) {
      for (const own of group.GroupPolicyList ?? [])
        keep(`group_${group.GroupName}_${own.PolicyName}`, own.PolicyDocument);
    }
    for (const role of page.RoleDetailList ?? []) {
      for (const own of role.RolePolicyList ?? []) keep(`role_${role.RoleName}_${own.PolicyName}`, own.PolicyDocument);
    }
    for (const policy of page.Policies ?? []) {
      const inForce = policy.PolicyVersionList?.find((version) => version.IsDefaultVersion);
      keep(policy.PolicyName ?? '', inForce?.Document);
    }
  }
  return texts;
}
