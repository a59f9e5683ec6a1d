import { AttachRolePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';

/** Whom a role lets in, as a trust policy. */
export function trusting(principal: Readonly<Record<string, string | readonly string[]>>, condition?: object): string {
  const statement = { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [condition ? { ...statement, Condition: condition } : statement],
  });
}

/** One statement that allows, as a policy's text. */
export function allowing(actions: readonly string[], resources: readonly string[] = ['*'], condition?: object): string {
  const statement = { Effect: 'Allow', Action: actions, Resource: resources };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [condition ? { ...statement, Condition: condition } : statement],
  });
}

/** The role that nearly every AWS account has: it pulls images and sends log lines. Made once; answers its ARN. */
export async function executionRole({ iam }: { readonly iam: IAMClient }): Promise<string> {
  const arn = await serviceRole({ iam }, 'ecsTaskExecutionRole');
  const PolicyArn = 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy';
  await iam.send(new AttachRolePolicyCommand({ RoleName: 'ecsTaskExecutionRole', PolicyArn }));
  return arn;
}

/** A role for ECS's tasks; `policy` is an inline one. Answers its ARN, also when the role was there. */
export async function serviceRole(
  { iam }: { readonly iam: IAMClient },
  name: string,
  { path = '/', policy }: { readonly path?: string; readonly policy?: string } = {},
): Promise<string> {
  const AssumeRolePolicyDocument = trusting({ Service: 'ecs-tasks.amazonaws.com' });
  try {
    await iam.send(new CreateRoleCommand({ RoleName: name, Path: path, AssumeRolePolicyDocument }));
  } catch (error) {
    if (!(error instanceof Error && error.name === 'EntityAlreadyExistsException')) throw error;
  }
  if (policy !== undefined) {
    await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'inline', PolicyDocument: policy }));
  }
  return `arn:aws:iam::123456789012:role${path}${name}`;
}
