import {
  AddUserToGroupCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { Credentials } from './cli.ts';

interface Holds {
  /** An inline policy's text. */
  readonly policy?: string;
  /** ARNs of managed policies. */
  readonly managed?: readonly string[];
  readonly boundary?: string;
  readonly path?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** An IAM user with an access key; answers the key. */
export async function makeUser(
  iam: IAMClient,
  UserName: string,
  { policy, managed = [], boundary, path, tags, groups = [] }: Holds & { readonly groups?: readonly string[] } = {},
): Promise<Credentials> {
  await iam.send(new CreateUserCommand({ UserName, Path: path, PermissionsBoundary: boundary, Tags: tagsOf(tags) }));
  if (policy !== undefined) {
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'inline', PolicyDocument: policy }));
  }
  for (const PolicyArn of managed) await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
  for (const GroupName of groups) await iam.send(new AddUserToGroupCommand({ UserName, GroupName }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
}

/** A role; answers its ARN. `maxSeconds`: of its sessions. */
export async function makeRole(
  iam: IAMClient,
  RoleName: string,
  trust: string,
  { policy, managed = [], boundary, path, tags, maxSeconds }: Holds & { readonly maxSeconds?: number } = {},
): Promise<string> {
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName,
      Path: path,
      AssumeRolePolicyDocument: trust,
      PermissionsBoundary: boundary,
      MaxSessionDuration: maxSeconds,
      Tags: tagsOf(tags),
    }),
  );
  if (policy !== undefined) {
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'inline', PolicyDocument: policy }));
  }
  for (const PolicyArn of managed) await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  return Role?.Arn ?? '';
}

function tagsOf(tags: Readonly<Record<string, string>> | undefined) {
  return tags && Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
