import type { Service } from '../../api/service.ts';
import { deletionTasks } from './deletion-tasks.ts';
import { lastAccessedJobs } from './last-accessed-jobs.ts';
import type { IamPorts } from './operation.ts';
import * as absentCredentialOperations from './operations/absent-credentials.ts';
import * as accessKeyOperations from './operations/access-keys.ts';
import * as accountAliasOperations from './operations/account-aliases.ts';
import * as passwordPolicyOperations from './operations/account-password-policy.ts';
import * as accountSummaryOperations from './operations/account-summary.ts';
import * as credentialReportOperations from './operations/credential-reports.ts';
import * as groupMemberOperations from './operations/group-members.ts';
import * as groupOperations from './operations/groups.ts';
import * as instanceProfileRoleOperations from './operations/instance-profile-roles.ts';
import * as instanceProfileTagOperations from './operations/instance-profile-tags.ts';
import * as instanceProfileOperations from './operations/instance-profiles.ts';
import * as loginProfileOperations from './operations/login-profiles.ts';
import * as oidcProviderOperations from './operations/oidc-providers.ts';
import * as roleTagOperations from './operations/role-tags.ts';
import * as roleOperations from './operations/roles.ts';
import * as linkedRoleOperations from './operations/service-linked-roles.ts';
import * as userTagOperations from './operations/user-tags.ts';
import * as userOperations from './operations/users.ts';
import * as attachmentOperations from './operations/attachments.ts';
import * as boundaryOperations from './operations/boundaries.ts';
import * as inlinePolicyOperations from './operations/inline-policies.ts';
import * as policyEntityOperations from './operations/policy-entities.ts';
import * as policyTagOperations from './operations/policy-tags.ts';
import * as policyVersionOperations from './operations/policy-versions.ts';
import * as policyOperations from './operations/policies.ts';
import * as authorizationDetailOperations from './operations/account-authorization-details.ts';
import * as contextKeyOperations from './operations/context-keys.ts';
import * as grantingPolicyOperations from './operations/granting-policies.ts';
import * as lastAccessedOperations from './operations/last-accessed.ts';
import * as simulationOperations from './operations/simulation.ts';
import { roleDeletionReconciler } from './reconcilers/role-deletion.ts';
import { resourcePolicy } from './resource-policy.ts';
import { resourceTags } from './resource-tags.ts';
import {
  accessKeys,
  accounts,
  groups,
  instanceProfiles,
  lastUses,
  oidcProviders,
  policies,
  roles,
  users,
} from './tables.ts';

/** AWS Identity and Access Management: who there is, and what they may do. */
export const iam: Service<IamPorts> = {
  name: 'iam',
  principal: 'iam.amazonaws.com',
  operations: {
    ...absentCredentialOperations,
    ...accessKeyOperations,
    ...accountAliasOperations,
    ...passwordPolicyOperations,
    ...accountSummaryOperations,
    ...credentialReportOperations,
    ...groupMemberOperations,
    ...groupOperations,
    ...instanceProfileRoleOperations,
    ...instanceProfileTagOperations,
    ...instanceProfileOperations,
    ...loginProfileOperations,
    ...oidcProviderOperations,
    ...roleTagOperations,
    ...roleOperations,
    ...linkedRoleOperations,
    ...userTagOperations,
    ...userOperations,
    ...attachmentOperations,
    ...boundaryOperations,
    ...inlinePolicyOperations,
    ...policyEntityOperations,
    ...policyTagOperations,
    ...policyVersionOperations,
    ...policyOperations,
    ...authorizationDetailOperations,
    ...contextKeyOperations,
    ...grantingPolicyOperations,
    ...lastAccessedOperations,
    ...simulationOperations,
  },
  tables: [
    users,
    groups,
    roles,
    instanceProfiles,
    policies,
    accessKeys,
    oidcProviders,
    lastUses,
    accounts,
    deletionTasks,
    lastAccessedJobs,
  ],
  reconcilers: (env) => [roleDeletionReconciler(env)],
  resourceTags,
  resourcePolicy,
};

export { roleArn } from './arns.ts';
export { iamDirectory } from './directory.ts';
export { ensureServiceLinkedRole } from './linked-role.ts';
export type { IamPorts } from './operation.ts';
export { roleByArn, serviceLinkedRole } from './role-by-arn.ts';
