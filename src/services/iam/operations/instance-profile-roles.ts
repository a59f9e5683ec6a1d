import { limitExceeded } from '../errors.ts';
import { instanceProfileResource, notFound, requireInstanceProfile } from '../instance-profile-lookup.ts';
import { operation } from '../operation.ts';
import { requireOwnRole, requireRole, roleResource } from '../role-lookup.ts';
import { iamKey, instanceProfiles } from '../tables.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html */
export const AddRoleToInstanceProfile = operation('AddRoleToInstanceProfile', {
  resources: instanceProfileResource,
  also: async (input, scope, tx) => [
    {
      action: 'iam:PassRole',
      resources: await roleResource(input, scope, tx),
      conditions: { 'iam:passedtoservice': 'ec2.amazonaws.com' },
    },
  ],
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await requireInstanceProfile(tx, ctx.account, input.InstanceProfileName);
      const role = await requireOwnRole(tx, ctx.account, input.RoleName);
      if (row.roleName !== undefined) {
        throw limitExceeded('Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
      }
      await tx.put(instanceProfiles, { ...row, roleName: role.name });
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveRoleFromInstanceProfile.html */
export const RemoveRoleFromInstanceProfile = operation('RemoveRoleFromInstanceProfile', {
  resources: instanceProfileResource,
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const { roleName, ...rest } = await requireInstanceProfile(tx, ctx.account, input.InstanceProfileName);
      const role = await requireRole(tx, ctx.account, input.RoleName);
      if (roleName === undefined || iamKey(ctx.account, roleName) !== iamKey(ctx.account, role.name)) {
        throw notFound(`Role ${role.name} in Instance Profile ${rest.name}`);
      }
      await tx.put(instanceProfiles, rest);
    });
    return {};
  },
});
