import type { AttachedPermissionsBoundary, Group, PermissionsBoundaryAttachmentType, User } from '@aws-sdk/client-iam';
import { groupArn, userArn } from './arns.ts';
import type { GroupRow, UserRow } from './tables.ts';
import { tagMember } from './tagging.ts';
import { wholeSeconds } from './whole-seconds.ts';

/** As GetUser and CreateUser answer. PasswordLastUsed is never there: nobody can sign in with a password. */
export function userView(row: UserRow): User {
  return { ...userListing(row), ...boundaryMember(row.boundaryArn), ...tagMember(row.tags) };
}

/** As the lists answer: without the boundary and the tags. */
export function userListing(row: UserRow): User {
  const { path, name, id, createdAtMs } = row;
  return { Path: path, UserName: name, UserId: id, Arn: userArn(row), CreateDate: wholeSeconds(createdAtMs) };
}

export function groupView(row: GroupRow): Group {
  const { path, name, id, createdAtMs } = row;
  return { Path: path, GroupName: name, GroupId: id, Arn: groupArn(row), CreateDate: wholeSeconds(createdAtMs) };
}

/** To be spread into a user or role: `PermissionsBoundary`, where it has one. */
export function boundaryMember(arn: string | undefined): { PermissionsBoundary?: AttachedPermissionsBoundary } {
  if (arn === undefined) return {};
  return { PermissionsBoundary: { PermissionsBoundaryType: BOUNDARY_TYPE, PermissionsBoundaryArn: arn } };
}

/** What the wire says, whatever the model's enum says. */
const BOUNDARY_TYPE = 'Policy' as string as PermissionsBoundaryAttachmentType;
