import type { Role, RoleLastUsed } from '@aws-sdk/client-iam';
import { roleArn } from './arns.ts';
import { encodedDocument } from './domain/encoded-document.ts';
import type { LastUseRow, RoleRow } from './tables.ts';
import { tagMember } from './tagging.ts';
import { boundaryMember } from './views.ts';
import { wholeSeconds } from './whole-seconds.ts';

/** As GetRole answers: all of it. */
export function roleView(row: RoleRow, lastUse: LastUseRow | undefined): Role {
  return {
    ...roleListing(row),
    ...boundaryMember(row.boundaryArn),
    ...tagMember(row.tags),
    RoleLastUsed: lastUsed(lastUse),
  };
}

/** As ListRoles answers: without tags, boundary and last use. */
export function roleListing(row: RoleRow): Role {
  return { ...roleSummary(row), ...descriptionMember(row), MaxSessionDuration: row.maxSessionDurationSeconds };
}

/** As CreateRole answers: what AWS leaves out is left out. */
export function createdRole(row: RoleRow): Role {
  return { ...roleSummary(row), ...boundaryMember(row.boundaryArn), ...tagMember(row.tags) };
}

/** As UpdateRoleDescription answers. */
export function describedRole(row: RoleRow): Role {
  return { ...roleSummary(row), ...descriptionMember(row) };
}

/** As an instance profile shows its role. */
export function roleSummary(row: RoleRow): Role {
  return {
    Path: row.path,
    RoleName: row.name,
    RoleId: row.id,
    Arn: roleArn(row),
    CreateDate: wholeSeconds(row.createdAtMs),
    AssumeRolePolicyDocument: encodedDocument(row.trustPolicy),
  };
}

/** Empty for a role that was not used yet. */
export function lastUsed(row: LastUseRow | undefined): RoleLastUsed {
  return row ? { LastUsedDate: wholeSeconds(row.atMs), Region: row.region } : {};
}

function descriptionMember({ description }: RoleRow): { Description?: string } {
  return description === undefined ? {} : { Description: description };
}
