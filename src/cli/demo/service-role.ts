import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
} from '@aws-sdk/client-iam';
import { unless } from '../clients.ts';
import { type Session, must } from './session.ts';

/** A role that one service takes on, with the permissions of one of AWS's own policies for it. */
export interface ServiceRole {
  readonly name: string;
  /** Whom it trusts, and nobody else: JSON. */
  readonly trustPolicy: string;
  readonly policyArn: string;
}

const GONE = ['NoSuchEntityException'];

/** @param service e.g. `ec2.amazonaws.com` */
export function trustOf(service: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });
}

/** Answers the role's ARN. */
export async function ensureRole({ clients: { iam } }: Session, role: ServiceRole): Promise<string> {
  const { name: RoleName, trustPolicy: AssumeRolePolicyDocument, policyArn: PolicyArn } = role;
  const found = await unless(GONE, iam.send(new GetRoleCommand({ RoleName })));
  const { Role } = found ?? (await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument })));
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  return must(Role?.Arn, 'the role’s ARN');
}

export async function deleteRole({ clients: { iam } }: Session, role: ServiceRole): Promise<void> {
  const { name: RoleName, policyArn: PolicyArn } = role;
  await unless(GONE, iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })));
  await unless(GONE, iam.send(new DeleteRoleCommand({ RoleName })));
}
